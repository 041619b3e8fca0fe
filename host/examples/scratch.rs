//! x
use msal_host::*; use msal_host::contract::*; use std::time::Instant;
#[tokio::main(flavor="current_thread")]
async fn main() {
    let e = msal_emulator::Emulator::start().unwrap();
    let app = Application { client_id: msal_emulator::demo::CLIENT_ID.into(), authority: format!("{}/{}", e.https_url(), msal_emulator::demo::TENANT), credentials: vec![Credential::Secret(msal_emulator::demo::client_secret().into())], options: None };
    let req = TokenRequest::new("https://graph.microsoft.com/.default");
    for pooling in [true, false] {
    let host = Host::builder().pooling(pooling).network(Network::builder().ca_certificate_pem(e.ca_certificate_pem()).build().unwrap()).build().unwrap();
    host.acquire_token_for_client(&app,&req).await.unwrap().unwrap();
    let n = 20000;
    let t = Instant::now(); for _ in 0..n { host.acquire_token_for_client(&app,&req).await.unwrap().unwrap(); } println!("fresh {:?}", t.elapsed()/n);
    let t = Instant::now(); for _ in 0..n { drop(host.instance().await.unwrap()); } println!("instance only {:?}", t.elapsed()/n);
    let mut i = host.instance().await.unwrap();
    let t = Instant::now(); for _ in 0..n { i.acquire_token_for_client(&app,&req).await.unwrap().unwrap(); } println!("reused {:?}", t.elapsed()/n);
    println!("{:?}", host.statistics());
    let bad = TokenRequest{scopes:vec![],options:None};
    let t = Instant::now(); for _ in 0..n { i.acquire_token_for_client(&app,&bad).await.unwrap().unwrap_err(); } println!("reused invalid {:?}", t.elapsed()/n);
    }
}
