//! A Redis server of one's own.

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

/// A `redis-server` on a free loopback port that keeps nothing on disk. Stopped when dropped.
pub struct Redis {
    port: u16,
    process: Option<Child>,
}

impl Redis {
    /// A port where nothing listens until [`Redis::restart`].
    pub fn down() -> io::Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        Ok(Self { port, process: None })
    }

    /// One that listens.
    ///
    /// # Errors
    /// If there is no `redis-server` to run, with how to get it.
    pub fn start() -> io::Result<Self> {
        let mut redis = Self::down()?;
        redis.restart()?;
        Ok(redis)
    }

    /// `None`, with a word on standard error, where there is no `redis-server` to run. CI has it.
    pub fn start_or_skip() -> Option<Self> {
        match Self::start() {
            Ok(redis) => Some(redis),
            Err(error) => {
                let may_skip = error.kind() == io::ErrorKind::NotFound;
                assert!(may_skip && env::var_os("CI").is_none(), "{error}");
                // Not by `eprintln!`, which nobody sees of a test that passes.
                let _ = writeln!(io::stderr(), "skipped: {error}");
                None
            }
        }
    }

    /// Its name as a store.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Kills it, as SIGKILL does, and what it held is gone.
    pub fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            // One that has ended already is what is wanted.
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Starts it on its port, empty, and returns when it listens.
    pub fn restart(&mut self) -> io::Result<()> {
        self.stop();
        let mut process = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--port"])
            .arg(self.port.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| {
                let message = format!(
                    "redis-server cannot be started ({error}); on Debian, install it with \
                     `apt-get install redis-server`"
                );
                io::Error::new(error.kind(), message)
            })?;
        for _ in 0..200 {
            // Whoever else listens on the port keeps it from starting.
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

    /// Its connections stay, and nothing answers on them.
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
