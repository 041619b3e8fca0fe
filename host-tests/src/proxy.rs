//! A private HTTP proxy.

use std::env;
use std::fs;
use std::io;
use std::io::Write as _;
use std::net::TcpListener;
use std::net::TcpStream;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

/// A `tinyproxy` on a free loopback port, with a user and a password. It is stopped on drop.
pub struct Proxy {
    port: u16,
    folder: TempDir,
    process: Child,
}

impl Proxy {
    /// The user's name.
    pub const USER: &str = "proxy-user";

    /// The user's password.
    pub const PASSWORD: &str = "hidden-proxy-password";

    /// A running proxy, which connects to this port of any host only; `None`, with a message on standard error, if
    /// `tinyproxy` is not installed. Panics in CI instead.
    pub fn start_or_skip(allowed_port: u16) -> Option<Self> {
        match Self::start(allowed_port) {
            Ok(proxy) => Some(proxy),
            Err(error) => {
                let may_skip = error.kind() == io::ErrorKind::NotFound;
                assert!(may_skip && env::var_os("CI").is_none(), "{error}");
                // The test harness hides the output of `eprintln!` if the test passes.
                let _ = writeln!(io::stderr(), "skipped: {error}");
                None
            }
        }
    }

    fn start(allowed_port: u16) -> io::Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let folder = tempfile::tempdir()?;
        let configuration = folder.path().join("tinyproxy.conf");
        let text = format!(
            "Listen 127.0.0.1\nPort {port}\nBasicAuth {} {}\nConnectPort {allowed_port}\nLogFile \"{}\"\n\
             LogLevel Connect\nMaxClients 20\nTimeout 60\n",
            Self::USER,
            Self::PASSWORD,
            folder.path().join("log").display()
        );
        fs::write(&configuration, text)?;
        let process = Command::new("tinyproxy")
            .args(["-d", "-c"])
            .arg(&configuration)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| {
                let message = format!(
                    "tinyproxy cannot be started ({error}); on Debian, install it with \
                     `apt-get install tinyproxy-bin`"
                );
                io::Error::new(error.kind(), message)
            })?;
        let mut proxy = Self { port, folder, process };
        proxy.wait()?;
        Ok(proxy)
    }

    fn wait(&mut self) -> io::Result<()> {
        for _ in 0..200 {
            // It fails to start if another process listens on the port.
            if let Some(status) = self.process.try_wait()? {
                return Err(io::Error::other(format!("tinyproxy ended with {status}")));
            }
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Err(io::Error::other("tinyproxy does not listen"))
    }

    /// Its URL with the user and the right password.
    pub fn url(&self) -> String {
        self.url_with(Self::PASSWORD)
    }

    /// Its URL with the user and this password.
    pub fn url_with(&self, password: &str) -> String {
        format!("http://{}:{password}@127.0.0.1:{}", Self::USER, self.port)
    }

    /// Its URL without a user.
    pub fn url_without_user(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The lines of its log that record a request for a tunnel.
    pub fn tunnels(&self) -> Vec<String> {
        let log = fs::read_to_string(self.folder.path().join("log")).expect("its log");
        let lines = log.lines().filter(|line| line.contains(": CONNECT "));
        lines.map(str::to_owned).collect()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
