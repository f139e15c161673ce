//! A terminal that knows ASCII only gets nothing else, whatever the texts on the screen are made of.

use ratatui::Frame;

use crate::front::tui::theme::Theme;

/// Replaces what such a terminal cannot show.
pub(super) fn sweep(frame: &mut Frame, theme: Theme) {
    if !theme.ascii {
        return;
    }
    for cell in &mut frame.buffer_mut().content {
        if !cell.symbol().is_ascii() {
            let plain = plain(cell.symbol());
            cell.set_char(plain);
        }
    }
}

fn plain(symbol: &str) -> char {
    match symbol {
        "…" => '.',
        "·" | "•" | "–" | "—" | "─" => '-',
        "×" => 'x',
        "→" | "›" => '>',
        "│" => '|',
        "‘" | "’" => '\'',
        "“" | "”" => '"',
        _ => '?',
    }
}
