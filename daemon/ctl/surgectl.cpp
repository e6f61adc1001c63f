// surgectl: one program for everything beside the daemon. Commands live in groups, one file each.
#include <cstdio>

#include <string_view>

#include "app/version.hpp"
#include "config/client_file.hpp"
#include "ctl/cmd_dashboards.hpp"
#include "ctl/command_line.hpp"
#include "ctl/context.hpp"

namespace {
/// What is wrong with the file ends every command that would go by it.
bool file_is_good(const surged::ClientFile& file, std::string_view command) {
    if (command == "completion" || command == "help") {
        return true;
    }
    for (const surged::Diagnostic& diagnostic : file.diagnostics) {
        std::fprintf(stderr, "%s\n", diagnostic.text().c_str());
    }
    return file.diagnostics.empty();
}

constexpr const char* about_the_file =
    "~/.config/surged/surgectl.toml (below $XDG_CONFIG_HOME) may say server, token_file or token, ca_file and language (zh, en).\n"
    "An option comes before the environment, the environment before the file.\n"
    "LC_ALL, LC_MESSAGES and LANG choose the language; a table in a pipe is in English unless --language says otherwise.\n";
}  // namespace

int main(int argc, char** argv) {
    using namespace surged;  // NOLINT: the composition root
    Context context;
    const ClientFile file = read_client_file(client_file_path());
    context.begin_with(file);
    CommandLine line("surgectl", "surgectl: see, answer, test and feed surged, the surge alarm of a contact centre", version);
    const CliCommand app = line.root();
    app.flag("--json", context.json, "machine-readable output; timelines as one object a line");
    app.option("--server", context.server, "surged's API; of several hosts each, with commas: the one at work is asked").environment("SURGED_SERVER").type("URL").shows_default();
    app.option("--token-file", context.token_file, "file with your token").environment("SURGED_TOKEN_FILE").type("FILE");
    app.option("--ca-file", context.ca_file, "certificate authority of the API, when it is not one of the system's").type("FILE");
    app.option("--language", context.language, "of what people read; JSON and CSV stay").one_of({"zh", "en"});
    app.option("--color", context.colour, "colours: auto (on a terminal, without NO_COLOR), always or never").one_of({"auto", "always", "never"}).shows_default();
    app.footer(about_the_file);
    app.needs_command();
    app.options_anywhere();
    add_reading(app, context);
    add_follow(app, context);
    add_history(app, context);
    add_acting(app, context);
    add_roster(app, context);
    add_override(app, context);
    add_report(app, context);
    add_fairness(app, context);
    add_drill(app, context);
    add_login(app, context);
    add_check(app, context);
    add_test(app, context);
    add_replay(app, context);
    add_explain(app, context);
    add_feed(app, context);
    add_backtest(app, context);
    add_learn(app, context);
    add_tune(app, context);
    add_dashboards(app, context);
    add_help(app, context);
    add_completion(app, context);
    add_examples(app);  // of all that were made above
    if (argc > 1 && std::string_view(argv[1]) == "complete") {
        return complete_line(app, context, {argv + 2, argv + argc});
    }
    line.before([&file](const std::string& command) { return file_is_good(file, command); });
    if (const auto ended = line.parse(argc, argv)) {
        return *ended;
    }
    return std::fflush(stdout) == 0 ? context.exit_code : ctl_no;
}
