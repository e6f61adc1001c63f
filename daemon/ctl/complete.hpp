// What may stand at the end of a line of surgectl that is being typed: found by the program's own commands and options, for every shell
// alike.
//
// It knows commands, options and the quoting of bash; it refuses to know what the daemon knows (known_values asks that). Hardest rule: what
// a feeder or a colleague called a queue or a person never becomes more than one word of the line that is being typed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ctl/command_line.hpp"

namespace surged {

struct Candidate {
    std::string value;
    std::string note;  ///< for shells that show one beside the value; empty: none
};

/// What is asked for at the end of the line.
struct Wanted {
    /// "words" (then `words` has them), "files", "dirs", "" (nothing completes it), or what the daemon knows: "incidents", "people", "rosters",
    /// "rules", "metrics", "queues", "queue-names", "centres", "silences", "overrides".
    std::string kind;
    std::vector<Candidate> words;
    std::string before;  ///< part of the last word that is no part of the value: "--format=", "offered,"
    std::string typed;   ///< of the value
    // What the line itself says of the daemon.
    std::optional<std::string> server;
    std::optional<std::string> token_file;
    std::optional<std::string> ca_file;
};

/// `words`: the line without the program's name; the last one is being typed and may be empty.
Wanted wanted_at_end(CliCommand program, const std::vector<std::string>& words);

/// Those that begin with what was typed, whole words of the line (`before` in front), at most 1,000; without those that cannot be typed
/// safely: control characters, what turns or hides text, more than 200 bytes, or "-" at the begin of what is no option.
std::vector<Candidate> fitting(const Wanted& wanted, const std::vector<Candidate>& known);

/// A line of bash up to the cursor, as far as completion needs it.
struct BashLine {
    std::vector<std::string> words;  ///< without quotes; the last one is being typed
    /// Of the last word, without quotes: what stands before the part that readline replaces, which begins behind the last of the characters
    /// in COMP_WORDBREAKS and behind an open quote.
    std::string kept;
    char quote = '\0';  ///< the quote that is open
};

/// Takes the words of a line apart as a shell does, without expanding anything.
BashLine bash_line(const std::string& line, const std::string& word_breaks);

/// A whole word as readline shall put it into this line; nullopt: it cannot stand in the quote that is open.
std::optional<std::string> bash_word(const BashLine& line, const std::string& value);

}  // namespace surged
