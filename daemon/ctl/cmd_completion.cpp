// surgectl completion: the shell's completion, made from the program's own commands and options, so that it never goes stale. What only
// the daemon knows (incidents, people, rosters, rules, queues) the script asks by `surgectl completion --values KIND`.
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <set>

#include "ctl/api_json.hpp"
#include "ctl/command_line.hpp"
#include "ctl/context.hpp"

namespace surged {
namespace {

std::string options_of(CliCommand command) {
    std::string words;
    for (const std::string& name : command.long_options()) {
        words += " --" + name;
    }
    return words;
}

/// "join) words;;" for each command and each command of a command ("feed sim").
std::string cases_of(CliCommand command, const std::string& path) {  // NOLINT(misc-no-recursion): as deep as our commands
    std::string inner;
    std::string names;
    for (const CliCommand sub : command.commands()) {
        names += " " + sub.name();
        inner += cases_of(sub, path.empty() ? sub.name() : path + " " + sub.name());
    }
    const std::string options = options_of(command);
    return "        \"" + path + "\") names=\"" + (names.empty() ? "" : names.substr(1)) + "\" options=\"" +
           (options.empty() ? "" : options.substr(1)) + "\" ;;\n" + inner;
}

/// What completes a value that the help calls so: "files", "people", "words md html"; empty: nothing does.
std::string kind_of(const std::string& type, const std::string& option) {
    if (const auto open = type.find('{'); open != std::string::npos) {
        std::string words = type.substr(open + 1, type.find('}') - open - 1);
        std::replace(words.begin(), words.end(), ',', ' ');
        return "words " + words;
    }
    if (type.find('|') != std::string::npos) {
        std::string words = type;
        std::replace(words.begin(), words.end(), '|', ' ');
        return "words " + words;
    }
    if (type == "ID" && option == "roster") {
        return "rosters";
    }
    if (type == "GLOB" && option == "rule") {
        return "rules";
    }
    static const std::map<std::string, std::string> kinds{{"FILE", "files"}, {"PERSON", "people"}, {"ROSTER", "rosters"}, {"RULE", "rules"}, {"QUEUE", "queues"}, {"INCIDENT", "incidents"}};
    const auto found = kinds.find(type);
    return found == kinds.end() ? "" : found->second;
}

/// For each kind the places where it stands: "show 0" (the first word of show), "join --as".
void collect(CliCommand command, const std::string& path, std::map<std::string, std::set<std::string>>& places,  // NOLINT(misc-no-recursion)
             std::set<std::string>& valued) {
    for (const std::string& name : command.valued_options()) {
        valued.insert(path + " --" + name);
        if (const auto kind = kind_of(command.type_of(name), name); !kind.empty()) {
            places[kind].insert(path + " --" + name);
        }
    }
    for (std::size_t place = 0; place < 4; ++place) {
        if (const auto kind = kind_of(command.type_of_word(place), ""); !kind.empty()) {
            places[kind].insert(path + " " + std::to_string(place));
        }
    }
    for (const CliCommand sub : command.commands()) {
        collect(sub, path.empty() ? sub.name() : path + " " + sub.name(), places, valued);
    }
}

std::string patterns(const std::set<std::string>& words) {
    std::string out;
    for (const std::string& word : words) {
        out += (out.empty() ? "\"" : "|\"") + word + "\"";
    }
    return out;
}

constexpr const char* bash_program = R"sh(_surgectl() {
    local line=${COMP_LINE:0:COMP_POINT} path= option= kind= names= options= place=0 i word current
    local -a words ask
    read -ra words <<< "$line"
    [[ $line == *[[:space:]] ]] && words+=("")
    current=${words[-1]}
    ask=("${words[0]}")
    for ((i = 1; i < ${#words[@]} - 1; i++)); do
        word=${words[i]}
        case $option in --server|--token-file|--ca-file) ask+=("$option" "$word") ;; esac
        if [[ -n $option ]]; then
            option=
            continue
        fi
        case $word in
            --server=*|--token-file=*|--ca-file=*) ask+=("$word") ;;
            --*=*) ;;
            -*) if _surgectl_valued "$path $word" || _surgectl_valued " $word"; then option=$word; fi ;;
            *)
                _surgectl_words "$path"
                if [[ " $names " == *" $word "* ]]; then path+=${path:+ }$word; else place=$((place + 1)); fi ;;
        esac
    done
    if [[ -z $option && $current == --*=* ]]; then
        option=${current%%=*}
        current=${current#*=}
    fi
    COMPREPLY=()
    _surgectl_words "$path"
    if [[ -n $option ]]; then
        kind=$(_surgectl_kind "$path $option")
        [[ -n $kind ]] || kind=$(_surgectl_kind " $option")
    elif [[ $current == -* ]]; then
        kind="words $options"
    elif [[ -n $names ]]; then
        kind="words $names"
        [[ -n $path || -n $current ]] || kind+=" $options"
    else
        kind=$(_surgectl_kind "$path $place")
        [[ -n $kind ]] || kind="words $options"
    fi
    case $kind in
        words\ *) COMPREPLY=($(compgen -W "${kind#words }" -- "$current")) ;;
        files) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$current")) ;;
        ?*) COMPREPLY=($(compgen -W "$("${ask[@]}" completion --values "$kind" 2>/dev/null)" -- "$current")) ;;
    esac
}
_surgectl_words() {  # names and options that may follow a command
    case $1 in
)sh";

void print_bash(CliCommand app) {
    std::map<std::string, std::set<std::string>> places;
    std::set<std::string> valued;
    collect(app, "", places, valued);
    std::string kinds;
    for (const auto& [kind, where] : places) {
        kinds += "        " + patterns(where) + ") printf '%s' \"" + kind + "\" ;;\n";
    }
    const std::string script = R"sh(# bash completion for surgectl; made by: surgectl completion bash
_surgectl_kind() {  # what stands at a place: behind an option of a command, or as its word number N
    case $1 in
)sh" + kinds + R"sh(    esac
}
_surgectl_valued() {  # whether an option of a command takes the next word
    case $1 in )sh" + patterns(valued) + R"sh() return 0 ;; esac
    return 1
}
)sh" + bash_program + cases_of(app, "") + R"sh(    esac
}
complete -F _surgectl surgectl
)sh";
    std::fputs(script.c_str(), stdout);
}

void add_all(std::set<std::string>& out, const JsonValue& json, const char* list, const char* field) {
    for (const JsonValue& item : list_of(json, list)) {
        if (auto text = item.text_or(field, ""); !text.empty()) {
            out.insert(std::move(text));
        }
    }
}

/// What the daemon knows of this kind. Nothing where it cannot be asked: a shell's line is no place for errors.
std::set<std::string> known_of(Context& context, const std::string& kind) {
    context.quiet = true;
    Api api(context);
    std::set<std::string> out;
    const char* path = kind == "rosters" ? "/api/v1/rosters" : kind == "rules" ? "/api/v1/status" : kind == "queues" ? "/api/v1/queues" : "/api/v1/incidents";
    if (const auto json = api.read(path)) {
        if (kind == "incidents") {
            add_all(out, *json, "incidents", "incident");
        } else if (kind == "rosters") {
            add_all(out, *json, "rosters", "roster");
        } else if (kind == "rules") {
            add_all(out, *json, "rules", "rule");
        } else if (kind == "queues") {
            for (const JsonValue& queue : list_of(*json, "queues")) {
                out.insert(queue.text_or("centre", "") + "/" + queue.text_or("queue", ""));
            }
        } else {
            for (const JsonValue& incident : list_of(*json, "incidents")) {
                add_all(out, incident, "seats", "person");
            }
        }
    }
    if (kind == "people") {
        if (const auto json = api.read("/api/v1/rosters")) {
            for (const JsonValue& roster : list_of(*json, "rosters")) {
                for (const JsonValue& person : list_of(roster, "on_duty")) {
                    out.insert(person.text() == nullptr ? "" : *person.text());
                }
            }
        }
    }
    out.erase("");
    return out;
}

}  // namespace

void add_completion(CliCommand app, Context& context) {
    const auto command = app.command("completion", "print the completion script of a shell");
    auto shell = std::make_shared<std::string>();
    auto kind = std::make_shared<std::string>();
    command.option("shell", *shell, "bash").one_of({"bash"});
    command.option("--values", *kind, "for the script: what the daemon knows of this kind, one a line")
        .one_of({"incidents", "people", "rosters", "rules", "queues"});
    command.run([app, shell, kind, &context] {
        if (shell->empty() == kind->empty()) {
            return context.fail(ctl_usage, "completion wants the name of a shell: bash");
        }
        if (!shell->empty()) {
            return print_bash(app);
        }
        for (const std::string& word : known_of(context, *kind)) {
            std::printf("%s\n", word.c_str());
        }
        context.exit_code = ctl_ok;
    });
}

}  // namespace surged
