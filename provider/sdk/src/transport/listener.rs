//! The local socket: unix where there is one and its path fits, else TCP on the loopback interface.

use std::io;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;

/// One accepted connection.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// Where the client said the socket should be.
#[derive(Clone, Debug, Default)]
pub(crate) struct Place {
    /// Directory of the unix socket; the temporary directory when absent.
    pub dir: Option<PathBuf>,
    /// Group that may connect, by name or number.
    pub group: Option<String>,
    /// TCP ports to choose from; any when absent.
    pub ports: Option<RangeInclusive<u16>>,
}

/// A bound socket. Dropping it removes the socket's file.
pub(crate) enum Listener {
    #[cfg(unix)]
    Unix(tokio::net::UnixListener, tempfile::TempPath),
    Tcp(TcpListener, u16),
}

impl Listener {
    pub(crate) async fn bind(place: &Place) -> io::Result<Self> {
        #[cfg(unix)]
        if let Some(listener) = unix::bind(place)? {
            return Ok(listener);
        }
        let ports = place.ports.clone().unwrap_or(0..=0);
        let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for port in ports {
            match TcpListener::bind(("127.0.0.1", port)).await {
                Ok(listener) => {
                    let port = listener.local_addr()?.port();
                    return Ok(Self::Tcp(listener, port));
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// `unix` or `tcp`.
    pub(crate) fn network(&self) -> &'static str {
        match self {
            #[cfg(unix)]
            Self::Unix(..) => "unix",
            Self::Tcp(..) => "tcp",
        }
    }

    /// The path or `host:port`.
    pub(crate) fn address(&self) -> String {
        match self {
            #[cfg(unix)]
            Self::Unix(_, path) => path.display().to_string(),
            Self::Tcp(_, port) => format!("127.0.0.1:{port}"),
        }
    }

    pub(crate) async fn accept(&self) -> io::Result<Box<dyn Stream>> {
        match self {
            #[cfg(unix)]
            Self::Unix(listener, _) => Ok(Box::new(listener.accept().await?.0)),
            Self::Tcp(listener, _) => {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                Ok(Box::new(stream))
            }
        }
    }
}

#[cfg(unix)]
mod unix {
    use std::fs::{self, Permissions};
    use std::io;
    use std::os::unix::fs::{PermissionsExt, chown};

    use tokio::net::UnixListener;

    use super::{Listener, Place};

    /// Longest path that fits into a socket address on every unix; Linux would take 107 bytes.
    const LONGEST_PATH: usize = 103;

    /// `None` when the path would be too long.
    pub(super) fn bind(place: &Place) -> io::Result<Option<Listener>> {
        let dir = place.dir.clone().unwrap_or_else(std::env::temp_dir);
        let mut name = tempfile::Builder::new();
        name.prefix("plugin");
        let too_long = dir.as_os_str().len() + "/pluginXXXXXX".len() > LONGEST_PATH;
        if too_long {
            return Ok(None);
        }
        let (listener, path) = name.make_in(dir, |path| UnixListener::bind(path))?.into_parts();
        if let Some(group) = &place.group {
            chown(&path, None, Some(group_id(group)?))?;
            fs::set_permissions(&path, Permissions::from_mode(0o660))?;
        }
        Ok(Some(Listener::Unix(listener, path)))
    }

    /// The number of a group, which may be given as one.
    fn group_id(group: &str) -> io::Result<u32> {
        if let Ok(id) = group.parse() {
            return Ok(id);
        }
        let groups = fs::read_to_string("/etc/group")?;
        let fields = groups.lines().map(|line| line.split(':').collect::<Vec<_>>());
        let id = fields.filter(|fields| fields.first() == Some(&group)).find_map(|fields| fields.get(2)?.parse().ok());
        id.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, format!("no group {group:?}")))
    }
}
