// surgectl: one program for everything beside the daemon. Commands live in groups, one file each.
#include <cstdio>

#include "app/version.hpp"
#include "ctl/cmd_dashboards.hpp"
#include "ctl/command_line.hpp"
#include "ctl/context.hpp"

int main(int argc, char** argv) {
    using namespace surged;  // NOLINT: the composition root
    Context context;
    CommandLine line("surgectl", "surgectl: see, answer, test and feed surged, the surge alarm of a contact centre", version);
    const CliCommand app = line.root();
    app.flag("--json", context.json, "machine-readable output; timelines as one object a line");
    app.option("--server", context.server, "surged's API").environment("SURGED_SERVER").type("URL").shows_default();
    app.option("--token-file", context.token_file, "file with your token").environment("SURGED_TOKEN_FILE").type("FILE");
    app.option("--ca-file", context.ca_file, "certificate authority of the API, when it is not one of the system's").type("FILE");
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
    if (const auto ended = line.parse(argc, argv)) {
        return *ended;
    }
    return std::fflush(stdout) == 0 ? context.exit_code : ctl_no;
}
