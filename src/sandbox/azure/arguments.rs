//! What az is asked for; anything that it would not know is refused as it refuses it.

/// Commands and the options that each takes besides those of every command.
const COMMANDS: [(&str, &[&str]); 6] = [
    ("version", &[]),
    ("account show", &[]),
    ("account get-access-token", &[]),
    ("vm run-command list", &["--resource-group", "--vm-name"]),
    ("vm run-command invoke", &["--resource-group", "--name", "--command-id", "--scripts"]),
    ("monitor activity-log list", &["--resource-group", "--offset"]),
];
const EVERYWHERE: [&str; 3] = ["--subscription", "--output", "--query"];

/// A command line that az understands.
pub(super) struct Asked {
    /// e.g. `vm run-command invoke`.
    pub command: String,
    options: Vec<(String, String)>,
}

impl Asked {
    /// Reads it; `Err`: what az prints.
    pub fn read(words: &[String]) -> Result<Self, String> {
        let count = words.iter().take_while(|word| !word.starts_with('-')).count();
        let command = words[..count].join(" ");
        let Some((_, own)) = COMMANDS.iter().find(|(known, _)| *known == command) else {
            return Err(format!("ERROR: '{command}' is misspelled or not recognized by the system."));
        };
        let mut options = Vec::new();
        let mut rest = words[count..].iter();
        while let Some(word) = rest.next() {
            let name = match word.as_str() {
                "--only-show-errors" => continue,
                "-g" => "--resource-group",
                "-n" => "--name",
                "-o" => "--output",
                name => name,
            };
            if !own.contains(&name) && !EVERYWHERE.contains(&name) {
                return Err(format!("ERROR: unrecognized arguments: {word}"));
            }
            let Some(value) = rest.next().filter(|value| !value.starts_with('-')) else {
                return Err(format!("ERROR: argument {word}: expected one argument"));
            };
            options.push((name.to_owned(), value.clone()));
        }
        Ok(Self { command, options })
    }

    /// The value of an option.
    pub fn option(&self, name: &str) -> Option<&str> {
        self.options.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}
