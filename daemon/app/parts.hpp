// Small steps of start-up that main.cpp names: each builds one part or says in one line why it cannot.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "app/backend.hpp"
#include "app/inbox.hpp"
#include "app/log.hpp"
#include "app/loop.hpp"
#include "config/settings.hpp"
#include "io/courier/courier.hpp"
#include "io/exporter/exporter.hpp"
#include "io/history/history.hpp"
#include "io/http/http_server.hpp"
#include "io/http/standby_api.hpp"
#include "io/store/store_thread.hpp"

namespace surged {

class Cluster;

/// surged's exit codes; contract with the unit file and the man page.
enum ExitCode : int { exit_stopped = 0, exit_config = 2, exit_store = 3, exit_address = 4, exit_resources = 5 };

/// Test programs pass a hook that is told every numbered step between a decision and its outcome; the product passes none.
using Steps = std::function<void(const char* step)>;
Steps steps_hook();

/// `file:line:col: error: ...` for people, to stderr. Returns the number of errors.
std::size_t print_diagnostics(const LoadedConfig& config);
/// --check: diagnostics, channel problems and a summary; the exit code. `host`: --host of the command line.
int check_config(const LoadedConfig& config, const std::string& store = {}, const std::string& host = {});

/// A daemon that no sample can reach is a mistake, although every line of its configuration is right.
bool takes_samples(const Settings& settings);
inline constexpr const char* no_samples = "[ingest] needs `bind` or `subscribe`";

/// As configured, with every relative file name resolved against the configuration's folder; `store`, when given, stands as it
/// is.
Settings settings_in_force(const Settings& configured, const std::string& store);

/// `cluster`: whose gate the courier asks; null = one host.
CourierOptions courier_options(Inbox<Loop>& inbox, const Log& log, const Steps& steps, std::string installation, Cluster* cluster);
/// `<store>.history` unless [history] keep is "off"; trouble with it is one line each time it begins or ends.
HistoryOptions history_options(const Settings& settings, const Log& log);
StoreOptions store_options(Inbox<Loop>& inbox, const Log& log, const Steps& steps, const Cluster* cluster);
/// The keys of links and of reply codes, there from the start: a reload may turn either on. A key that cannot be read is an error, not a page without a link.
Result<Links> make_links(const Settings& settings, const std::string& installation, const Log& log);
/// Tokens, certificate and key of [http], for start, reload and check; names of files as settings_in_force() gives them.
Result<HttpCredentials> load_http_credentials(const HttpSettings& settings);
struct Publishers {
    std::unique_ptr<Publisher> transitions;  ///< [publish]
    std::unique_ptr<Publisher> report;       ///< [ingest] report; null when there is none
};
/// Both or none; the error names the section.
Result<Publishers> start_publishers(const Settings& settings);
/// The end of the log, for readers of the events who come from the process before this, or from another host.
PastEvents past_events(RecordLog& records, std::uint64_t head);
/// Null and no error when [http] is off.
Result<std::unique_ptr<HttpServer>> start_http(const HttpSettings& settings, ApiBackend& backend, PastEvents past);
/// Null and no error when [metrics] is off.
Result<std::unique_ptr<PageServer>> start_metrics(const ListenSettings& settings, Exporter& exporter);
/// The same two listeners of a host that stands by. The functions are called from their threads, must be thread-safe and not wait.
Result<std::unique_ptr<StandbyServer>> start_standby_http(const HttpSettings& settings, StandbyServer::Facts facts);
Result<std::unique_ptr<PageServer>> start_standby_metrics(const ListenSettings& settings, const StandbyExporter& exporter);
/// What listens where: one line for the log, ports for `status`.
std::map<std::string, std::uint64_t> tell_listeners(const Log& log, const Ingest& ingest, const Publishers& publishers,
                                                    const HttpServer* http, const PageServer* metrics, const Settings& settings);

}  // namespace surged
