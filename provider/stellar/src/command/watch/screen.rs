//! Where the progress is shown: redrawn in place on a terminal, else the journal's lines as they come.

use std::io::{self, IsTerminal, Write};

use crossterm::{
    cursor::{MoveToColumn, MoveUp},
    queue,
    style::{Color, Stylize},
    terminal::{Clear, ClearType, size},
};

use super::tree::Tone;

/// An output.
pub struct Screen {
    mode: Mode,
    /// How many lines the last picture had.
    drawn: u16,
}

enum Mode {
    /// A terminal that shows a picture, again and again in the same place.
    Picture,
    /// One picture, and nothing more.
    Once,
    /// Lines for a file or a pipe.
    Lines,
}

impl Screen {
    /// The standard output; with `once` for a single picture.
    pub fn new(once: bool) -> Self {
        let mode = match (once, io::stdout().is_terminal()) {
            (true, _) => Mode::Once,
            (false, true) => Mode::Picture,
            (false, false) => Mode::Lines,
        };
        Self { mode, drawn: 0 }
    }

    /// Shows the picture, or the fresh lines. Nobody looks on when it cannot be written.
    pub fn show(&mut self, picture: &[(Tone, String)], fresh: &[String]) {
        drop(match self.mode {
            Mode::Lines => print(fresh),
            Mode::Once => {
                let lines: Vec<String> = picture.iter().map(|(tone, text)| painted(*tone, text)).collect();
                print(&lines)
            }
            Mode::Picture => self.draw(picture),
        });
    }

    fn draw(&mut self, picture: &[(Tone, String)]) -> io::Result<()> {
        let (width, height) = size().unwrap_or((80, 24));
        let shown = fitted(picture, width.into(), height.saturating_sub(1).into());
        let mut out = io::stdout().lock();
        if self.drawn > 0 {
            queue!(out, MoveUp(self.drawn))?;
        }
        queue!(out, MoveToColumn(0), Clear(ClearType::FromCursorDown))?;
        for (tone, text) in &shown {
            writeln!(out, "{}", painted(*tone, text))?;
        }
        self.drawn = u16::try_from(shown.len()).unwrap_or(u16::MAX);
        out.flush()
    }
}

/// How far the further lines of a reason are indented.
const INDENT: &str = "      ";

/// What fits on the screen: first and last lines stay, since the last one may say how it ended. What is too long is cut,
/// reasons are wrapped.
pub fn fitted(picture: &[(Tone, String)], width: usize, height: usize) -> Vec<(Tone, String)> {
    let cut = |text: &str| match text.chars().count() > width {
        true => text.chars().take(width.saturating_sub(1)).chain(['…']).collect(),
        false => text.to_owned(),
    };
    let mut shown: Vec<(Tone, String)> = Vec::new();
    for (tone, text) in picture {
        match tone {
            Tone::Bad => shown.extend(wrapped(text, width).into_iter().map(|line| (*tone, line))),
            _ => shown.push((*tone, cut(text))),
        }
    }
    if shown.len() > height && height > 2 {
        let more = shown.len() - (height - 1);
        let last = shown.split_off(shown.len() - 1);
        shown.truncate(height - 2);
        shown.push((Tone::Quiet, format!("  … {more} more lines; a higher window shows them")));
        shown.extend(last);
    }
    shown
}

/// Lines of at most `width` letters, broken at spaces where there are any.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let (mut lines, mut rest) = (Vec::new(), text.to_owned());
    while rest.chars().count() > width && width > 2 * INDENT.len() {
        let end = rest.char_indices().nth(width).map_or(rest.len(), |(at, _)| at);
        let space = rest[..end].rfind(' ').filter(|at| !rest[..*at].trim().is_empty());
        let left = rest.split_off(space.unwrap_or(end));
        lines.push(std::mem::replace(&mut rest, format!("{INDENT}{}", left.trim_start())));
    }
    lines.push(rest);
    lines
}

fn painted(tone: Tone, text: &str) -> String {
    if !io::stdout().is_terminal() || std::env::var_os("NO_COLOR").is_some() {
        return text.to_owned();
    }
    match tone {
        Tone::Head => text.bold().to_string(),
        Tone::Running => text.with(Color::Cyan).to_string(),
        Tone::Quiet => text.dim().to_string(),
        Tone::Well => text.with(Color::Green).to_string(),
        Tone::Bad => text.with(Color::Red).to_string(),
    }
}

fn print(lines: &[String]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for line in lines {
        writeln!(out, "{line}")?;
    }
    out.flush()
}
