//! A private Redis server.

use std::env;
use std::io;
use std::io::Write as _;
use std::net::TcpListener;
use std::net::TcpStream;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use crate::RedisSecurity;

/// A `redis-server` on a free loopback port, without persistence. It is stopped on drop.
pub struct Redis {
    port: u16,
    process: Option<Child>,
    security: Option<RedisSecurity>,
}

impl Redis {
    /// A server that does not run until [`Redis::restart`].
    pub fn down() -> io::Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        Ok(Self { port, process: None, security: None })
    }

    /// A running server.
    ///
    /// # Errors
    /// If `redis-server` is not installed; the message says how to install it.
    pub fn start() -> io::Result<Self> {
        let mut redis = Self::down()?;
        redis.restart()?;
        Ok(redis)
    }

    /// A running server; `None`, with a message on standard error, if `redis-server` is not installed. Panics in CI instead.
    pub fn start_or_skip() -> Option<Self> {
        Self::or_skip(Self::start())
    }

    /// Like [`Redis::start_or_skip`], but with TLS and with passwords.
    pub fn start_secured_or_skip(security: RedisSecurity) -> Option<Self> {
        let start = || {
            let mut redis = Self::down()?;
            redis.security = Some(security);
            redis.restart()?;
            Ok(redis)
        };
        Self::or_skip(start())
    }

    fn or_skip(started: io::Result<Self>) -> Option<Self> {
        match started {
            Ok(redis) => Some(redis),
            Err(error) => {
                let may_skip = error.kind() == io::ErrorKind::NotFound;
                assert!(may_skip && env::var_os("CI").is_none(), "{error}");
                // The test harness hides the output of `eprintln!` if the test passes.
                let _ = writeln!(io::stderr(), "skipped: {error}");
                None
            }
        }
    }

    /// Its URL, as the host's store option.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Its URL with TLS, a user (empty for the default one) and a password.
    pub fn tls_url(&self, user: &str, password: &str) -> String {
        format!("rediss://{user}:{password}@127.0.0.1:{}", self.port)
    }

    /// Kills it with SIGKILL. Its data is lost.
    pub fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            // It may have ended already.
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Starts it empty on its port, and waits until it listens.
    pub fn restart(&mut self) -> io::Result<()> {
        self.stop();
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
        match &self.security {
            Some(security) => command
                .args(["--port", "0", "--tls-port"])
                .arg(self.port.to_string())
                .args(security.arguments()),
            None => command.arg("--port").arg(self.port.to_string()),
        };
        let mut process =
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().map_err(|error| {
                let message = format!(
                    "redis-server cannot be started ({error}); on Debian, install it with \
                     `apt-get install redis-server`"
                );
                io::Error::new(error.kind(), message)
            })?;
        for _ in 0..200 {
            // It fails to start if another process listens on the port.
            if let Some(status) = process.try_wait()? {
                return Err(io::Error::other(format!("redis-server ended with {status}")));
            }
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                self.process = Some(process);
                return Ok(());
            }
            thread::sleep(Duration::from_millis(50));
        }
        self.process = Some(process);
        Err(io::Error::other("redis-server does not listen"))
    }

    /// Stops it with SIGSTOP: connections stay open, but it no longer answers.
    pub fn suspend(&self) {
        let id = self.process.as_ref().map(Child::id).expect("it runs").to_string();
        let status = Command::new("kill").args(["-STOP", &id]).status().expect("kill runs");
        assert!(status.success());
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.stop();
    }
}
