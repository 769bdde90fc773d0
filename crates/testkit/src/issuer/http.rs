use std::{
    collections::HashMap,
    sync::{Arc, atomic::Ordering},
};

use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

use super::{Issuer, JwksAnswer, locked};

/// The longest form that is read.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// One request a connection: what a test asks of an issuer needs no more of HTTP than this.
struct Request {
    method: String,
    path: String,
    query: String,
    headers: HashMap<String, String>,
    body: String,
}

pub(crate) async fn serve(listener: TcpListener, issuer: Arc<Issuer>) {
    while let Ok((stream, _)) = listener.accept().await {
        issuer.connections.fetch_add(1, Ordering::SeqCst);
        tokio::spawn(answer(stream, issuer.clone()));
    }
}

async fn answer(stream: TcpStream, issuer: Arc<Issuer>) {
    let mut stream = BufReader::new(stream);
    // Who says something that is no request, such as the beginning of TLS, is left without an answer.
    let Some(request) = read(&mut stream).await else { return };
    let response = match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/.well-known/openid-configuration") => ok(discovery(&issuer).as_bytes()),
        ("GET", "/jwks") => {
            issuer.jwks_fetches.fetch_add(1, Ordering::SeqCst);
            let wanted = locked(&issuer.jwks_answer).clone();
            match wanted {
                JwksAnswer::Keys => {
                    let keys = locked(&issuer.keys).published().to_string();
                    ok(keys.as_bytes())
                }
                JwksAnswer::Body(body) => ok(&body),
                JwksAnswer::Status(status) => response(status, "", b"not now"),
                JwksAnswer::Redirect(to) => redirect(&to),
                JwksAnswer::Endless => return endless(stream, &issuer).await,
            }
        }
        ("GET", "/authorize") => match issuer.authorize(&request.query) {
            Ok(back) => redirect(&back),
            Err(refusal) => response(400, "", refusal.as_bytes()),
        },
        ("POST", "/token") => {
            let authorization = request.headers.get("authorization").map(String::as_str);
            match issuer.exchange(authorization, &request.body) {
                Ok(tokens) => ok(tokens.to_string().as_bytes()),
                Err((status, error)) => response(status, "", json!({"error": error}).to_string().as_bytes()),
            }
        }
        _ => response(404, "", b"nothing here"),
    };
    // Whoever went away meanwhile gets no answer.
    drop(stream.write_all(&response).await);
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<Request> {
    if !stream.fill_buf().await.ok()?.first()?.is_ascii_uppercase() {
        return None;
    }
    let mut line = String::new();
    stream.read_line(&mut line).await.ok()?;
    let mut words = line.split_ascii_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    if length > MAX_BODY_BYTES {
        return None;
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    let body = String::from_utf8(body).ok()?;
    Some(Request { method, path: path.to_owned(), query: query.to_owned(), headers, body })
}

fn discovery(issuer: &Issuer) -> String {
    let url = &issuer.url;
    json!({
        "issuer": url,
        "jwks_uri": format!("{url}/jwks"),
        "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "code_challenge_methods_supported": ["S256"],
    })
    .to_string()
}

fn ok(body: &[u8]) -> Vec<u8> {
    response(200, "content-type: application/json\r\n", body)
}

fn redirect(to: &str) -> Vec<u8> {
    response(302, &format!("location: {to}\r\n"), b"")
}

fn response(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status} Said\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n");
    [head.as_bytes(), body].concat()
}

/// Until whoever asked has had enough.
async fn endless(mut stream: BufReader<TcpStream>, issuer: &Issuer) {
    let more = vec![b' '; 16 * 1024];
    let mut outcome = stream.write_all(b"HTTP/1.1 200 Said\r\nconnection: close\r\n\r\n").await;
    while outcome.is_ok() {
        outcome = stream.write_all(&more).await;
        issuer.sent_bytes.fetch_add(more.len(), Ordering::SeqCst);
    }
}
