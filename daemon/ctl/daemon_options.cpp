#include "ctl/daemon_options.hpp"

#include "app/version.hpp"
#include "ctl/command_line.hpp"

namespace surged {

DaemonCommandLine parse_daemon_options(int argc, char** argv) {
    DaemonOptions options;
    options.config = "/etc/surged/surged.toml";
    CommandLine line("surged",
                     "surged watches a contact centre's queues and calls people onto the phones when a surge comes:\n"
                     "team leads first, supervisors next, management last, until enough have joined or it is over.\n"
                     "Metrics come in over ZeroMQ; pages go out by SMS, mail, chat robots (DingTalk, WeCom, Feishu,\n"
                     "Slack), on-call services (PagerDuty, GoAlert, Alertmanager), webhook, program or log. State is kept in one SQLite file.",
                     version);
    const CliCommand app = line.root();
    app.option("--config", options.config, "main configuration file (TOML)").shows_default().type("FILE");
    app.option("--store", options.store, "database file, instead of the configured [store] path").type("FILE");
    app.option("--host", options.host, "name of this host in [cluster], where {host} stands in its url, instead of the machine's name").type("NAME");
    app.flag("--check", options.check, "read and check the whole configuration, print every finding, and exit: 0 good, 2 not");
    app.flag("--rescue", options.rescue,
             "make a store of what can be read back of a damaged one, move the damaged files aside whole, say what is lost and what to do, and "
             "exit: 0 rescued or sound, 3 left as it was");
    app.flag("--standby", options.standby,
             "when another surged has the store: wait, listening nowhere, and take over the moment that one ends");
    line.footer(
        "Signals: SIGHUP reads the configuration again (a bad one changes nothing); SIGTERM and SIGINT stop within five "
        "seconds.\n"
        "Exit codes: 0 stopped as asked, 2 usage or configuration, 3 the store cannot be used, 4 an address cannot be used,\n"
        "5 too few descriptors, threads or too little memory.\n"
        "Examples:\n"
        "  surged --check --config /etc/surged/surged.toml\n"
        "  surged --config ./surged.toml --store /tmp/try.db\n"
        "  surged --rescue --config /etc/surged/surged.toml     when a start ends with code 3 and says that the store is damaged\n"
        "  surged --standby            a second one on this host: takes over within a moment when the first ends\n"
        "See also: surgectl --help, man surged");
    if (const auto ended = line.parse(argc, argv)) {
        return {std::nullopt, *ended};
    }
    return {options, 0};
}

}  // namespace surged
