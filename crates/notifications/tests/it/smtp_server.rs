//! As much of an SMTP server as it takes to hear a mail.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

/// Who is refused, by a server that quotes the address.
pub(crate) const REFUSED: &str = "nobody@example.com";

/// A mail as a server hears it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Heard {
    pub(crate) from: String,
    pub(crate) to: String,
    /// The lines of its headers and its body.
    pub(crate) lines: Vec<String>,
}

pub(crate) struct SmtpServer {
    pub(crate) url: String,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl SmtpServer {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let heard = Arc::<Mutex<Vec<Heard>>>::default();
        let hears = heard.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, hears.clone()));
            }
        });
        Self { url, heard }
    }

    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }
}

/// One conversation: a client says a command, the server answers it.
async fn converse(stream: TcpStream, heard: Arc<Mutex<Vec<Heard>>>) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let (mut mail, mut in_data) = (Heard::default(), false);
    write.write_all(b"220 test\r\n").await.unwrap();
    while let Ok(Some(line)) = lines.next_line().await {
        let answer = if in_data {
            if line != "." {
                // A line that begins with a dot has one more on its way (RFC 5321 §4.5.2).
                mail.lines.push(line.strip_prefix('.').unwrap_or(&line).to_owned());
                continue;
            }
            in_data = false;
            heard.lock().unwrap().push(std::mem::take(&mut mail));
            "250 taken".to_owned()
        } else {
            match line.split_once(':').unwrap_or((&line, "")) {
                ("MAIL FROM", from) => {
                    from.clone_into(&mut mail.from);
                    "250 go on".to_owned()
                }
                ("RCPT TO", to) if to.contains(REFUSED) => format!("550 5.1.1 {to}: no such mailbox"),
                ("RCPT TO", to) => {
                    to.clone_into(&mut mail.to);
                    "250 go on".to_owned()
                }
                ("DATA", _) => {
                    in_data = true;
                    "354 go on".to_owned()
                }
                ("QUIT", _) => "221 bye".to_owned(),
                _ => "250 test".to_owned(),
            }
        };
        if write.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
            return;
        }
    }
}
