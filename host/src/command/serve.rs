//! `serve`: runs an HTTP component.

use std::path::PathBuf;
use std::process::ExitCode;

use msal_host::Configuration;
use msal_host::ServeOptions;
use msal_host::Server;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::Failure;
use super::compilation::CompilationArgs;
use super::file;
use super::output::print_line;
use super::stop::StopSignals;
use super::store_and_network::StoreAndNetworkArgs;

/// Serve a wasi:http component over HTTP with this host's store and network until Ctrl-C or
/// SIGTERM.
///
/// After the signal, started requests are answered. A second signal ends the process at once.
#[derive(clap::Args, Debug)]
pub(super) struct Serve {
    /// The component. It must export wasi:http/incoming-handler. If it imports msal:client-credentials,
    /// it is composed with the built-in component.
    #[arg(value_name = "APP.wasm")]
    app: PathBuf,

    /// Address to listen on. Port 0 takes a free port.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: String,

    #[command(flatten)]
    store_and_network: StoreAndNetworkArgs,

    #[command(flatten)]
    compilation: CompilationArgs,

    /// Set an environment variable for the component, which sees no other variables. NAME alone passes
    /// this process's value, which keeps secrets out of the arguments. May be repeated.
    #[arg(long, value_name = "NAME[=VALUE]", value_parser = variable)]
    env: Vec<Variable>,

    /// Set a variable of wasi:config for the component, such as azure_tenant_id of the configured component. NAME alone
    /// takes the value of this process's environment variable of that name in upper case, which keeps secrets out of the
    /// arguments. May be repeated.
    #[arg(long, value_name = "NAME[=VALUE]", value_parser = config)]
    config: Vec<Variable>,

    /// Set a variable of wasi:config to the text of a file, which is read each time that the component reads the
    /// variable: it can be replaced without a restart. May be repeated.
    #[arg(long, value_name = "NAME=FILE", value_parser = config_file)]
    config_file: Vec<(String, PathBuf)>,

    /// Show the component's standard output and error.
    #[arg(long)]
    show_output: bool,
}

impl Serve {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let mut signals = StopSignals::install()?;
        let app = file::read("APP.wasm", &self.app)?;
        let mut configuration = Configuration::new();
        for Variable(name, value) in self.config {
            configuration = configuration.value(name, value);
        }
        for (name, path) in self.config_file {
            configuration = configuration.file(name, path);
        }
        let options = ServeOptions {
            configuration,
            store: self.store_and_network.store()?,
            network: self.store_and_network.network()?,
            environment: self.env.into_iter().map(|Variable(name, value)| (name, value)).collect(),
            is_output_shown: self.show_output,
            compilation: self.compilation.of_file("APP.wasm"),
            ..ServeOptions::default()
        };
        // The compilation of a large component takes seconds, in which a signal must not be ignored.
        let compilation = tokio::task::spawn_blocking(move || Server::new(&app, options));
        let server = tokio::select! {
            server = compilation => server.map_err(Failure::new)?,
            _ = signals.next() => exit_at_once(0),
        };
        let server = server.map_err(|error| Failure::of("APP.wasm", error))?;
        let cannot = |error| Failure::of("--listen", format_args!("cannot listen: {error}"));
        let listener = TcpListener::bind(&self.listen).await.map_err(cannot)?;
        print_line(format_args!("http://{}", listener.local_addr().map_err(cannot)?));
        let (stop, stopped) = oneshot::channel();
        let second_signal = async {
            signals.next().await;
            let _ = stop.send(());
            signals.next().await
        };
        tokio::select! {
            () = server.run(listener, async { stopped.await.unwrap_or_default() }) => {}
            status = second_signal => exit_at_once(status),
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Exits without the end of the runtime, which waits for tasks that block.
fn exit_at_once(status: i32) -> ! {
    std::process::exit(status)
}

/// A name and its value, which may be a secret.
#[derive(Clone)]
struct Variable(String, String);

impl std::fmt::Debug for Variable {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Variable({}, ..)", self.0)
    }
}

fn variable(text: &str) -> Result<Variable, String> {
    variable_from(text, text)
}

fn config(text: &str) -> Result<Variable, String> {
    variable_from(text, &text.to_ascii_uppercase())
}

fn config_file(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, path)) if !name.is_empty() && !path.is_empty() => {
            Ok((name.to_owned(), path.into()))
        }
        _ => Err("use NAME=FILE".to_owned()),
    }
}

/// NAME=VALUE, or NAME, whose value is that of a variable of this process.
fn variable_from(text: &str, of_process: &str) -> Result<Variable, String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok(Variable(name.to_owned(), value.to_owned())),
        None if !text.is_empty() => match std::env::var(of_process) {
            Ok(value) => Ok(Variable(text.to_owned(), value)),
            Err(_) => Err(format!(
                "{of_process} is not set to Unicode text in this process; set it, or use NAME=VALUE"
            )),
        },
        _ => Err("use NAME=VALUE or NAME".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_alone_passes_the_value_of_this_process() {
        let Ok(Variable(name, value)) = variable("PATH") else {
            panic!("PATH is set");
        };
        assert_eq!((name.as_str(), Ok(value)), ("PATH", std::env::var("PATH")));
        assert!(variable("MSAL_HOST_NOT_SET").is_err());
        assert!(variable("=value").is_err());
    }

    #[test]
    fn a_variable_of_the_configuration_takes_the_value_of_the_name_in_upper_case() {
        let Ok(Variable(name, value)) = config("path") else {
            panic!("PATH is set");
        };
        assert_eq!((name.as_str(), Ok(value)), ("path", std::env::var("PATH")));
        let error = config("msal_host_not_set").err().unwrap();
        assert!(error.starts_with("MSAL_HOST_NOT_SET is not set"), "{error}");
        assert_eq!(config_file("name=a=b"), Ok(("name".to_owned(), "a=b".into())));
        for wrong in ["name", "name=", "=file"] {
            assert!(config_file(wrong).is_err(), "{wrong}");
        }
    }
}
