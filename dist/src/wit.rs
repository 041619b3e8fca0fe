//! A component's interfaces as text.

use std::error::Error;

use wit_component::WitPrinter;
use wit_component::decode;

/// The component's world and the packages that it names, as `wasm-tools component wit` prints them. Without comments, which
/// a component does not keep.
pub(crate) fn wit(component: &[u8]) -> Result<String, Box<dyn Error>> {
    let decoded = decode(component)?;
    let (resolve, main) = (decoded.resolve(), decoded.package());
    let others: Vec<_> =
        resolve.packages.iter().map(|(id, _)| id).filter(|&id| id != main).collect();
    let mut printer = WitPrinter::default();
    printer.print(resolve, main, &others)?;
    Ok(printer.output.to_string())
}
