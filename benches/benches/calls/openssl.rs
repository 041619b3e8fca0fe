//! The RSA-2048 signature of OpenSSL, by its own benchmark.

use std::collections::BTreeMap;
use std::error::Error;
use std::process::Command;
use std::process::Output;

use crate::figures::Work;
use crate::peers::Report;

pub(super) fn is_installed() -> bool {
    run(&["version"]).is_ok()
}

pub(super) fn report(scale: f64) -> Result<Report, Box<dyn Error>> {
    let version = String::from_utf8(run(&["version"])?.stdout)?;
    let version = version.split(' ').take(2).collect::<Vec<_>>().join(" ");
    let seconds = if scale < 1.0 { "1" } else { "3" };
    let output = run(&["speed", "-mr", "-seconds", seconds, "rsa2048"])?;
    let median = 1e6 / signatures_per_second(&String::from_utf8(output.stdout)?)?;
    let version = format!("{version} with `{VARIABLE}={WITHOUT_IFMA}`");
    Ok(Report { version, medians_us: BTreeMap::from([(Work::MissPs256, median)]) })
}

/// From a line such as `+F2:2:2048:1700.000000:61721.739130`: a number, the bits, signatures and verifications per second.
fn signatures_per_second(output: &str) -> Result<f64, Box<dyn Error>> {
    let line = output.lines().find_map(|line| line.strip_prefix("+F2:"));
    let rate = line.and_then(|line| line.split(':').nth(2));
    Ok(rate.ok_or("`openssl speed` printed no rate")?.parse()?)
}

fn run(arguments: &[&str]) -> Result<Output, Box<dyn Error>> {
    let output = Command::new("openssl").args(arguments).env(VARIABLE, WITHOUT_IFMA).output()?;
    if !output.status.success() {
        return Err(format!("openssl {arguments:?} failed").into());
    }
    Ok(output)
}

const VARIABLE: &str = "OPENSSL_ia32cap";

/// Clears bit 64+21, AVX512-IFMA, whose multiplications WebAssembly does not have. Not every processor has them either.
const WITHOUT_IFMA: &str = ":~0x200000";
