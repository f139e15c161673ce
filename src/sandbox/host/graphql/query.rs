//! The part of GraphQL in which clients ask about releases: one query, fields with arguments, variables. Whatever else
//! there is in the language is named and refused.

use std::iter::Peekable;
use std::str::Chars;

use serde_json::{Map, Number, Value};

/// A field that is asked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Field {
    /// The name in the answer.
    pub alias: String,
    pub name: String,
    pub args: Map<String, Value>,
    /// What is asked of it; empty for a scalar.
    pub fields: Vec<Field>,
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Name(String),
    Number(Number),
    Text(String),
    /// `{`, `}`, `(`, `)`, `[`, `]`, `:`, `$`, `!`, `=`, `@`, `.`
    Mark(char),
    End,
}

/// Reads the one query of a document.
pub(super) fn parse(document: &str, variables: &Map<String, Value>) -> Result<Vec<Field>, String> {
    let mut parser = Parser { chars: document.chars().peekable(), token: Token::End, variables };
    parser.advance()?;
    if let Token::Name(kind) = parser.token.clone() {
        if kind != "query" {
            return Err(format!("`{kind}` is not understood here; only `query` is"));
        }
        parser.advance()?;
        if matches!(parser.token, Token::Name(_)) {
            parser.advance()?;
        }
        parser.skip_variable_definitions()?;
    }
    let fields = parser.selection()?;
    match parser.token {
        Token::End => Ok(fields),
        _ => Err("fragments and further operations are not understood here".into()),
    }
}

struct Parser<'a> {
    chars: Peekable<Chars<'a>>,
    token: Token,
    variables: &'a Map<String, Value>,
}

impl Parser<'_> {
    fn advance(&mut self) -> Result<Token, String> {
        let next = self.scan()?;
        Ok(std::mem::replace(&mut self.token, next))
    }

    fn scan(&mut self) -> Result<Token, String> {
        while self.chars.next_if(|c| c.is_whitespace() || matches!(c, ',' | '\u{feff}')).is_some() {}
        let Some(first) = self.chars.next() else { return Ok(Token::End) };
        Ok(match first {
            'a'..='z' | 'A'..='Z' | '_' => Token::Name(self.while_is(first, |c| c.is_ascii_alphanumeric() || c == '_')),
            '0'..='9' | '-' => {
                let digits = self.while_is(first, |c| c.is_ascii_digit());
                Token::Number(digits.parse::<i64>().map_err(|_| format!("`{digits}` is no number"))?.into())
            }
            '"' => {
                let text = self.while_is(first, |c| !matches!(c, '"' | '\\' | '\n'));
                self.chars.next_if_eq(&'"').ok_or("a text with escapes, or without an end, is not understood here")?;
                Token::Text(text[1..].into())
            }
            '{' | '}' | '(' | ')' | '[' | ']' | ':' | '$' | '!' | '=' | '@' | '.' => Token::Mark(first),
            other => return Err(format!("`{other}` is not understood here")),
        })
    }

    fn while_is(&mut self, first: char, more: impl Fn(char) -> bool) -> String {
        let mut text = String::from(first);
        while let Some(c) = self.chars.next_if(|c| more(*c)) {
            text.push(c);
        }
        text
    }

    fn take(&mut self, mark: char) -> Result<bool, String> {
        let there = self.token == Token::Mark(mark);
        if there {
            self.advance()?;
        }
        Ok(there)
    }

    fn expect(&mut self, mark: char) -> Result<(), String> {
        if self.take(mark)? { Ok(()) } else { Err(format!("expected `{mark}`, found {:?}", self.token)) }
    }

    fn name(&mut self) -> Result<String, String> {
        match self.advance()? {
            Token::Name(name) => Ok(name),
            Token::Mark('.') => Err("fragments are not understood here".into()),
            other => Err(format!("expected a name, found {other:?}")),
        }
    }

    /// Their types are the business of a schema; a variable that is missing is found where it is used.
    fn skip_variable_definitions(&mut self) -> Result<(), String> {
        if self.take('(')? {
            while !self.take(')')? {
                if self.advance()? == Token::End {
                    return Err("the variables have no end".into());
                }
            }
        }
        Ok(())
    }

    fn selection(&mut self) -> Result<Vec<Field>, String> {
        self.expect('{')?;
        let mut fields = Vec::new();
        while !self.take('}')? {
            fields.push(self.field()?);
        }
        Ok(fields)
    }

    fn field(&mut self) -> Result<Field, String> {
        let alias = self.name()?;
        let name = if self.take(':')? { self.name()? } else { alias.clone() };
        let mut args = Map::new();
        if self.take('(')? {
            while !self.take(')')? {
                let arg = self.name()?;
                self.expect(':')?;
                args.insert(arg, self.value()?);
            }
        }
        if self.token == Token::Mark('@') {
            return Err("directives are not understood here".into());
        }
        let fields = if self.token == Token::Mark('{') { self.selection()? } else { Vec::new() };
        Ok(Field { alias, name, args, fields })
    }

    fn value(&mut self) -> Result<Value, String> {
        Ok(match self.advance()? {
            Token::Mark('$') => {
                let name = self.name()?;
                self.variables.get(&name).cloned().unwrap_or_default()
            }
            Token::Mark('{') => {
                let mut object = Map::new();
                while !self.take('}')? {
                    let key = self.name()?;
                    self.expect(':')?;
                    object.insert(key, self.value()?);
                }
                Value::Object(object)
            }
            Token::Name(name) => match name.as_str() {
                "null" => Value::Null,
                "true" | "false" => Value::Bool(name == "true"),
                // An enum's value.
                _ => Value::String(name),
            },
            Token::Number(number) => Value::Number(number),
            Token::Text(text) => Value::String(text),
            other => return Err(format!("expected a value, found {other:?}")),
        })
    }
}
