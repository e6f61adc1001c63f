// surgectl completion: the completion of bash, zsh and fish. What it prints only hands the line to the hidden `surgectl complete`, which
// finds what may stand at its end (complete.hpp) and asks the daemon where only that knows (known_values.hpp); so it never goes stale.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "core/base/ranges.hpp"
#include "ctl/command_line.hpp"
#include "ctl/complete.hpp"
#include "ctl/context.hpp"
#include "ctl/known_values.hpp"

namespace surged {
namespace {

constexpr const char* bash_script = R"sh(# bash completion for surgectl; made by: surgectl completion bash
_surgectl() {
    local kind= entry
    COMPREPLY=()
    while IFS= read -r entry; do
        if [[ -z $kind ]]; then kind=$entry; else COMPREPLY+=("$entry"); fi
    done < <("${1:-surgectl}" complete bash "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null)
    case $kind in
        files) compopt -o default 2>/dev/null ;;
        dirs) compopt -o dirnames 2>/dev/null ;;
    esac
}
complete -F _surgectl surgectl
)sh";

constexpr const char* zsh_script = R"sh(#compdef surgectl
# zsh completion for surgectl; made by: surgectl completion zsh
_surgectl() {
    local -a lines values shown
    local line
    lines=("${(@f)$("${(Q)words[1]}" complete zsh -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
    case $lines[1] in
        files) [[ $PREFIX == --*=* ]] && compset -P '*='; _files; return ;;
        dirs) [[ $PREFIX == --*=* ]] && compset -P '*='; _files -/; return ;;
    esac
    for line in "${(@)lines[2,-1]}"; do
        [[ -n $line ]] || continue
        values+=("${line%%$'\t'*}")
        if [[ $line == *$'\t'?* ]]; then shown+=("${line/$'\t'/  }"); else shown+=("${line%$'\t'}"); fi
    done
    (( ${#values} )) && compadd -l -d shown -a -- values
}
if [[ ${funcstack[1]-} == _surgectl ]]; then _surgectl "$@"; else compdef _surgectl surgectl; fi
)sh";

constexpr const char* fish_script = R"sh(# fish completion for surgectl; made by: surgectl completion fish
function __surgectl_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines ($words[1] complete fish -- $words[2..-1] "$current" 2>/dev/null)
    switch "$lines[1]"
        case files
            __fish_complete_path (string replace -r -- '^--[^=]*=' '' "$current")
        case dirs
            __fish_complete_directories (string replace -r -- '^--[^=]*=' '' "$current")
        case '*'
            test (count $lines) -gt 1; and printf '%s\n' $lines[2..-1]
    end
end
complete -c surgectl -f -a '(__surgectl_complete)'
)sh";

std::optional<std::string> set_in_environment(const char* name) {
    const char* value = std::getenv(name);  // NOLINT: no other thread sets it
    return value == nullptr || *value == '\0' ? std::nullopt : std::optional<std::string>(value);
}

/// Whom to ask and with which token: as the line says, then the environment, then the file. A token of the file goes only to the daemons
/// that the file names with it: a key on the keyboard is no consent to send it elsewhere.
Context asked_by(const Wanted& wanted, Context context) {
    const auto server = wanted.server ? wanted.server : set_in_environment("SURGED_SERVER");
    const auto token_file = wanted.token_file ? wanted.token_file : set_in_environment("SURGED_TOKEN_FILE");
    const auto known = servers_of(context.server);
    const auto stranger = [&](const std::string& one) { return !contains(known, one); };
    if (server && std::ranges::any_of(servers_of(*server), stranger)) {
        context.token.clear();
        context.token_file.clear();
    }
    context.server = server.value_or(context.server);
    context.token_file = token_file.value_or(context.token_file);
    context.ca_file = wanted.ca_file.value_or(context.ca_file);
    return context;
}

void print_lines(const Wanted& wanted, const std::vector<Candidate>& fit) {
    std::printf("%s\n", wanted.kind == "files" || wanted.kind == "dirs" ? wanted.kind.c_str() : "words");
    for (const Candidate& candidate : fit) {
        std::printf("%s\t%s\n", candidate.value.c_str(), candidate.note.c_str());
    }
}

void print_bash(const Wanted& wanted, const std::vector<Candidate>& fit, const BashLine& line) {
    std::printf("%s\n", wanted.kind == "files" || wanted.kind == "dirs" ? wanted.kind.c_str() : "words");
    for (const Candidate& candidate : fit) {
        if (const auto word = bash_word(line, candidate.value)) {
            std::printf("%s\n", word->c_str());
        }
    }
}

}  // namespace

int complete_line(CliCommand app, const Context& context, const std::vector<std::string>& arguments) {
    const std::string shell = arguments.empty() ? std::string() : arguments.front();
    const bool bash = shell == "bash" && arguments.size() == 3;
    const bool words = (shell == "zsh" || shell == "fish") && arguments.size() >= 3 && arguments[1] == "--";
    if (!bash && !words) {
        return ctl_usage;
    }
    BashLine line;
    if (bash) {
        line = bash_line(arguments[1], arguments[2]);
        line.words.erase(line.words.begin());
    } else {
        line.words.assign(arguments.begin() + 2, arguments.end());
    }
    if (line.words.empty()) {
        return ctl_ok;  // the program's own name is being typed
    }
    const Wanted wanted = wanted_at_end(app, line.words);
    const bool asks = !wanted.kind.empty() && wanted.kind != "words" && wanted.kind != "files" && wanted.kind != "dirs";
    const auto fit = fitting(wanted, asks ? known_values(asked_by(wanted, context), wanted.kind) : wanted.words);
    bash ? print_bash(wanted, fit, line) : print_lines(wanted, fit);
    return std::fflush(stdout) == 0 ? ctl_ok : ctl_no;
}

void add_completion(CliCommand app, Context& context) {
    const auto command = app.command("completion", "print the completion script of a shell: bash, zsh or fish");
    auto shell = std::make_shared<std::string>();
    command.option("shell", *shell, "bash, zsh or fish").one_of({"bash", "zsh", "fish"}).required();
    command.run([shell, &context] {
        const char* script = *shell == "bash" ? bash_script : *shell == "zsh" ? zsh_script : fish_script;
        context.exit_code = std::fputs(script, stdout) >= 0 ? ctl_ok : ctl_no;
    });
}

}  // namespace surged
