#include "ctl/daemon_options.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>

#include "app/version.hpp"

namespace surged {

DaemonCommandLine parse_daemon_options(int argc, char** argv) {
    DaemonOptions options;
    CLI::App app{
        "surged watches a contact centre's queues and calls people onto the phones when a surge comes:\n"
        "team leads first, supervisors next, management last, until enough have joined or it is over.\n"
        "Metrics come in over ZeroMQ; pages go out by webhook, program or log; state is kept in one SQLite file.",
        "surged"};
    app.set_version_flag("--version", std::string("surged ") + version);
    app.add_option("--config", options.config, "main configuration file (TOML)")
        ->default_str("/etc/surged/surged.toml")
        ->type_name("FILE");
    app.add_option("--store", options.store, "database file, instead of the configured [store] path")->type_name("FILE");
    app.add_flag("--check", options.check,
                 "read and check the whole configuration, print every finding, and exit: 0 good, 2 not");
    app.footer(
        "Signals: SIGHUP reads the configuration again (a bad one changes nothing); SIGTERM and SIGINT stop within five "
        "seconds.\n"
        "Exit codes: 0 stopped as asked, 2 usage or configuration, 3 the store cannot be used, 4 an address cannot be used.\n"
        "Examples:\n"
        "  surged --check --config /etc/surged/surged.toml\n"
        "  surged --config ./surged.toml --store /tmp/try.db\n"
        "See also: surgectl --help, man surged");
    options.config = "/etc/surged/surged.toml";
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& done) {
        return {std::nullopt, app.exit(done)};
    } catch (const CLI::ParseError& error) {
        std::fprintf(stderr, "surged: %s (see surged --help)\n", error.what());
        return {std::nullopt, 2};
    }
    return {options, 0};
}

}  // namespace surged
