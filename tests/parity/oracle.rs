//! Argo CD's own code, as a program that answers line by line: `tests/oracle` with `batch`.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use super::Failure;
use super::answer::Repositories;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// The text of all documents.
    pub text: String,
    /// Repositories, by URL.
    pub repositories: Repositories,
    /// How often to expand at most, until two outcomes differ.
    pub repeat: u32,
    /// Whether the controller's validation, which takes a tenth of a second, is left out.
    pub unvalidated: bool,
}

impl Question {
    fn line(&self) -> String {
        let asked = json!({
            "input": self.text,
            "repositories": self.repositories,
            "repeat": self.repeat,
            "unvalidated": self.unvalidated,
        });
        format!("{asked}\n")
    }
}

/// The running program.
pub struct Oracle {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Oracle {
    /// Starts the program that `YOSHINO_ORACLE` names; `None` where it names none.
    pub fn start() -> Result<Option<Self>, Failure> {
        let Some(program) = env::var_os("YOSHINO_ORACLE") else { return Ok(None) };
        let mut child =
            Command::new(program).arg("batch").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().ok_or("no standard output")?);
        Ok(Some(Self { child, input, output }))
    }

    /// Asks one question; the answer is `{"applicationsets": […]}` or `{"refused": …}`.
    pub fn ask(&mut self, question: &Question) -> Result<Value, Failure> {
        let input = self.input.as_mut().ok_or("no standard input")?;
        input.write_all(question.line().as_bytes())?;
        input.flush()?;
        Ok(self.answer()?.ok_or("the oracle has ended")?)
    }

    /// Asks many questions and gives each answer with the number of its question, while the rest is still asked.
    ///
    /// Where the program ends without an answer, as Argo CD does when a template prints a map that holds itself, that
    /// answer is `{"crashed": true}`, and the rest is asked of another.
    pub fn ask_all(
        &mut self,
        questions: &[Question],
        mut answered: impl FnMut(usize, Value) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut first = 0;
        while first < questions.len() {
            first += self
                .ask_until_it_ends(&questions[first..], |number, answer| answered(first + number, answer))?;
            if first < questions.len() {
                answered(first, json!({"crashed": true}))?;
                first += 1;
                *self = Self::start()?.ok_or("the oracle is gone")?;
            }
        }
        Ok(())
    }

    /// Returns how many questions were answered.
    fn ask_until_it_ends(
        &mut self,
        questions: &[Question],
        mut answered: impl FnMut(usize, Value) -> Result<(), Failure>,
    ) -> Result<usize, Failure> {
        let mut input = self.input.take().ok_or("no standard input")?;
        let (count, asked) = std::thread::scope(|scope| -> Result<(usize, _), Failure> {
            let asking = scope.spawn(move || -> std::io::Result<ChildStdin> {
                for question in questions {
                    input.write_all(question.line().as_bytes())?;
                }
                input.flush().map(|()| input)
            });
            let mut count = 0;
            while count < questions.len()
                && let Some(answer) = self.answer()?
            {
                answered(count, answer)?;
                count += 1;
            }
            Ok((count, asking.join().map_err(|_| "the questions could not be asked")?))
        })?;
        if count == questions.len() {
            self.input = Some(asked?);
        }
        Ok(count)
    }

    /// Returns the next answer; `None` where the program has ended.
    fn answer(&mut self) -> Result<Option<Value>, Failure> {
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        Ok(Some(serde_json::from_str(&line)?))
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        self.input = None;
        let _ = self.child.wait();
    }
}
