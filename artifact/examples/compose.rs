//! Composes two components, as `wac plug` does: `compose APP.wasm PLUG.wasm OUT.wasm`.

use std::env;
use std::error::Error;
use std::fs;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = env::args_os().skip(1).collect();
    let [app, plug, composed] = arguments.as_slice() else {
        return Err("usage: compose APP.wasm PLUG.wasm OUT.wasm".into());
    };
    fs::write(composed, msal_artifact::compose(&fs::read(app)?, &fs::read(plug)?)?)?;
    Ok(())
}
