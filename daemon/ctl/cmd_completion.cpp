// surgectl completion: the shell's completion, made from the program's own commands and options, so that it never goes stale.
#include <cstdio>
#include <memory>

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
    return "        \"" + path + "\") words=\"" + (names + options_of(command)).substr(1) + "\" ;;\n" + inner;
}

/// " feed roster ": the commands that have commands of their own.
std::string groups_of(CliCommand app) {
    std::string out = " ";
    for (const CliCommand sub : app.commands()) {
        out += sub.commands().empty() ? "" : sub.name() + " ";
    }
    return out;
}

void print_bash(CliCommand app) {
    const std::string script =
        "# bash completion for surgectl; made by: surgectl completion bash\n"
        "_surgectl() {\n"
        "    local current=${COMP_WORDS[COMP_CWORD]} path= word words=\n"
        "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
        "        case $word in\n"
        "            -*) ;;\n"
        "            *) if [[ -z $path ]]; then path=$word; elif [[ \"" +
        groups_of(app) +
        "\" == *\" $path \"* ]]; then path+=\" $word\"; fi ;;\n"
        "        esac\n"
        "    done\n"
        "    case $path in\n" +
        cases_of(app, "") +
        "    esac\n"
        "    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
        "    [[ $current != -* && ${#COMPREPLY[@]} -eq 0 ]] && COMPREPLY=($(compgen -f -- \"$current\"))\n"
        "}\n"
        "complete -F _surgectl surgectl\n";
    std::fputs(script.c_str(), stdout);
}

}  // namespace

void add_completion(CliCommand app, Context& context) {
    const auto command = app.command("completion", "print the completion script of a shell");
    auto shell = std::make_shared<std::string>();
    command.option("shell", *shell, "bash").required().one_of({"bash"});
    command.run([app, shell, &context] {
        context.exit_code = ctl_ok;
        print_bash(app);
    });
}

}  // namespace surged
