#include "ctl/complete.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "core/base/ranges.hpp"
#include "core/base/text.hpp"

namespace surged {
namespace {

constexpr std::size_t candidates_max = 1000;
constexpr std::size_t value_bytes_max = 200;

std::vector<Candidate> split_words(std::string text, char mark) {
    std::vector<Candidate> out;
    std::size_t at = 0;
    while (at <= text.size()) {
        const auto end = std::min(text.find(mark, at), text.size());
        if (end > at) {
            out.push_back({text.substr(at, end - at), {}});
        }
        at = end + 1;
    }
    return out;
}

struct Value {
    std::string kind;
    std::vector<Candidate> words;
    bool list = false;  ///< several, with commas between
};

/// What completes a value that the help calls so ("FILE", "TEXT:{md,html}", "auto|log") behind this option ("" = a word by its place) of this
/// command.
Value value_of(const std::string& type, const std::string& option, const std::string& path) {
    if (const auto open = type.find('{'); open != std::string::npos) {
        return {"words", split_words(type.substr(open + 1, type.find('}') - open - 1), ','), false};
    }
    if (type.find('|') != std::string::npos && type.find("FILE") == std::string::npos) {
        return {"words", split_words(type, '|'), false};
    }
    struct Row {
        std::string_view type;
        std::string_view option;  ///< "*" = whatever it is
        std::string_view kind;
        bool list = false;
    };
    constexpr std::array rows{
        Row{"PERSON", "*", "people"},        Row{"ROSTER", "*", "rosters"},       Row{"ID", "roster", "rosters"},
        Row{"RULE", "*", "rules"},           Row{"GLOB", "rule", "rules"},        Row{"QUEUE", "*", "queues"},
        Row{"GLOB", "queue", "queue-names"}, Row{"GLOB", "centre", "centres"},    Row{"INCIDENT", "*", "incidents"},
        Row{"METRICS", "*", "metrics", true}, Row{"NAME", "metric", "metrics"},   Row{"NAME", "queue", "queue-names"},
        Row{"NAME", "centre", "centres"},    Row{"ID", "end", "silences"},        Row{"DIR", "*", "dirs"},
        Row{"FOLDER", "*", "dirs"},
    };
    for (const Row& row : rows) {
        if (row.type == type && (row.option == "*" || row.option == option)) {
            return {std::string(row.kind), {}, row.list};
        }
    }
    if (type == "ID" && path == "override remove") {
        return {"overrides", {}, false};
    }
    if (type == "TYPE") {
        return {"words", split_words("alert,answer,incident,page,seat", ','), true};
    }
    return {type.find("FILE") != std::string::npos ? "files" : "", {}, false};
}

/// Goes down the line word by word.
class Walk {
public:
    explicit Walk(CliCommand program) : path_{program} {}

    Wanted end(const std::vector<std::string>& words) {
        for (std::size_t i = 0; i + 1 < words.size(); ++i) {
            take(words[i]);
        }
        const std::string last = words.empty() ? std::string() : words.back();
        const auto equals = last.find('=');
        if (option_.empty() && !plain_ && last.starts_with("--") && equals != std::string::npos) {
            option_ = last.substr(2, equals - 2);
            want_value(type_of(option_), last.substr(0, equals + 1), last.substr(equals + 1));
        } else if (!option_.empty()) {
            want_value(type_of(option_), "", last);
        } else if (!plain_ && last.starts_with('-')) {
            want_words(options(), last);
        } else if (!path_.back().commands().empty()) {
            want_words(commands(), last);
        } else {
            want_place(last);
        }
        return std::move(out_);
    }

private:
    /// The command that knows this option: the last one, or one above it.
    const CliCommand* owner(const std::string& option) const {
        for (auto at = path_.rbegin(); at != path_.rend(); ++at) {
            if (contains(at->long_options(), option)) {
                return &*at;
            }
        }
        return nullptr;
    }
    std::string type_of(const std::string& option) const {
        const auto* command = owner(option);
        return command == nullptr ? std::string() : command->type_of(option);
    }
    std::string names() const {
        std::string out;
        for (std::size_t i = 1; i < path_.size(); ++i) {
            out += (i > 1 ? " " : "") + path_[i].name();
        }
        return out;
    }

    void note(const std::string& option, const std::string& value) {
        if (option == "server") {
            out_.server = value;
        } else if (option == "token-file") {
            out_.token_file = value;
        } else if (option == "ca-file") {
            out_.ca_file = value;
        }
    }

    /// A word that is finished.
    void take(const std::string& word) {
        if (!option_.empty()) {
            note(option_, word);
            option_.clear();
        } else if (!plain_ && word == "--") {
            plain_ = true;
        } else if (!plain_ && word.starts_with("--")) {
            const auto equals = word.find('=');
            const auto name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
            const auto* command = owner(name);
            if (equals != std::string::npos) {
                note(name, word.substr(equals + 1));
            } else if (command != nullptr && contains(command->valued_options(), name)) {
                option_ = name;
            }
        } else if (plain_ || !word.starts_with('-')) {
            for (const CliCommand command : path_.back().commands()) {
                if (command.name() == word) {
                    path_.push_back(command);
                    return;
                }
            }
            ++place_;
        }
    }

    void want_words(std::vector<Candidate> words, const std::string& typed) {
        out_.kind = "words";
        out_.words = std::move(words);
        out_.typed = typed;
    }
    void want_value(const std::string& type, const std::string& before, const std::string& typed) {
        want(value_of(type, option_, names()), before, typed);
    }
    void want(Value value, std::string before, std::string typed) {
        if (const auto comma = typed.rfind(','); value.list && comma != std::string::npos) {
            before += typed.substr(0, comma + 1);
            typed.erase(0, comma + 1);
        }
        out_.kind = std::move(value.kind);
        out_.words = std::move(value.words);
        out_.before = std::move(before);
        out_.typed = std::move(typed);
    }
    void want_place(const std::string& typed) {
        auto type = path_.back().type_of_word(place_);
        for (auto place = place_; type.empty() && place > 0; --place) {
            const auto earlier = path_.back().type_of_word(place - 1);
            type = earlier == "FILE" ? earlier : std::string();  // several files in a row
        }
        auto value = value_of(type, "", names());
        value.kind.empty() && type.empty() ? want_words(options(), typed) : want(std::move(value), "", typed);
    }

    std::vector<Candidate> options() const {
        std::vector<Candidate> out;
        for (auto at = path_.rbegin(); at != path_.rend(); ++at) {
            for (const auto& name : at->long_options()) {
                const bool there = std::ranges::any_of(out, [&](const Candidate& c) { return c.value == "--" + name; });
                if (!there) {
                    out.push_back({"--" + name, at->help_of(name)});
                }
            }
        }
        return out;
    }
    std::vector<Candidate> commands() const {
        std::vector<Candidate> out;
        for (const CliCommand command : path_.back().commands()) {
            out.push_back({command.name(), command.help()});
        }
        return out;
    }

    std::vector<CliCommand> path_;
    std::string option_;  ///< whose value comes next
    std::size_t place_ = 0;
    bool plain_ = false;  ///< behind "--"
    Wanted out_;
};

bool typable(const std::string& value) {
    return !value.empty() && value.size() <= value_bytes_max && shown_safely(value) == value &&
           value.find_first_of("\n\t\r") == std::string::npos;
}

}  // namespace

Wanted wanted_at_end(CliCommand program, const std::vector<std::string>& words) {
    return Walk(program).end(words);
}

std::vector<Candidate> fitting(const Wanted& wanted, const std::vector<Candidate>& known) {
    std::vector<Candidate> out;
    std::set<std::string> seen;
    const bool option = wanted.typed.starts_with('-') || wanted.kind == "words";
    for (const Candidate& candidate : known) {
        if (out.size() < candidates_max && candidate.value.starts_with(wanted.typed) && typable(candidate.value) &&
            (option || !candidate.value.starts_with('-')) && seen.insert(candidate.value).second) {
            auto note = shown_safely(candidate.note.substr(0, std::min(candidate.note.find('\n'), candidate.note.size())));
            std::ranges::replace(note, '\t', ' ');
            out.push_back({wanted.before + candidate.value, std::move(note)});
        }
    }
    return out;
}

BashLine bash_line(const std::string& line, const std::string& word_breaks) {
    BashLine out;
    std::string word;
    bool any = false;
    const auto end_word = [&] {
        if (any) {
            out.words.push_back(word);
        }
        word.clear();
        out.kept.clear();
        any = false;
    };
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (out.quote == '\0' && (c == ' ' || c == '\t' || c == '\n')) {
            end_word();
            continue;
        }
        any = true;
        if (out.quote == '\0' && (c == '"' || c == '\'')) {
            out.quote = c;
            out.kept = word;
        } else if (c == out.quote) {
            out.quote = '\0';
        } else if (c == '\\' && out.quote != '\'' && i + 1 < line.size()) {
            word += line[++i];
        } else {
            word += c;
            out.kept = out.quote == '\0' && word_breaks.find(c) != std::string::npos ? word : out.kept;
        }
    }
    out.words.push_back(word);
    return out;
}

std::optional<std::string> bash_word(const BashLine& line, const std::string& value) {
    if (!value.starts_with(line.kept)) {
        return std::nullopt;
    }
    const auto rest = value.substr(line.kept.size());
    if (line.quote != '\0') {
        // Readline closes the quote itself.
        const bool safe = rest.find_first_of(line.quote == '\'' ? "'" : "\"$`\\!") == std::string::npos;
        return safe ? std::optional(rest) : std::nullopt;
    }
    std::string out;
    for (const char c : rest) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80U;
        const bool plain = letter || std::string_view("_.,/@%+-=:").find(c) != std::string_view::npos;
        out += (plain ? "" : "\\") + std::string(1, c);
    }
    return out;
}

}  // namespace surged
