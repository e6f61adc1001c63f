// What the configuration says about the shell around the engine: sockets, files, listeners. The engine's part is core/team/plan.hpp.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/cluster.hpp"
#include "core/base/network.hpp"
#include "core/team/plan.hpp"

namespace surged {

struct CurveSettings {
    std::string secret_key_file;            ///< our key (Z85, 40 characters in the file); empty = no CURVE
    std::string public_key_file;            ///< ours
    std::string server_key_file;            ///< subscribe only: the feeder's public key
    std::vector<std::string> allowed_keys;  ///< bind only: public keys of feeders let in; empty = any with our key
};
/// [[ingest.client]]: the sources that one key may speak for.
struct IngestClient {
    std::string name;
    std::string key;                   ///< public, Z85
    std::vector<std::string> sources;  ///< globs; a name that a client's glob fits is no other's
};
struct IngestSettings {
    std::vector<std::string> bind;       ///< PULL: tcp:// or ipc://
    std::vector<std::string> subscribe;  ///< SUB: connects
    int hwm = 1000;                      ///< messages per socket kept by ZeroMQ
    CurveSettings curve;
    std::vector<IngestClient> clients;            ///< let in by their keys, as allowed_keys are
    bool closed_network = false;                  ///< allow_unauthenticated: may listen beyond loopback without CURVE
    std::size_t connections = 1000;               ///< feeders connected at once, over all of `bind`
    std::size_t memory = std::size_t{256} << 20U;  ///< bytes of messages that wait, over all connections
    bool lenient = false;                         ///< texts that are numbers ("12") are taken where numbers are wanted
    std::vector<std::string> report;              ///< PUB of what was refused, for the authors of feeders; under `curve` as `bind` is
    std::size_t report_connections = 16;          ///< its subscribers at once; no key
};
struct PublishSettings {
    std::vector<std::string> bind;  ///< PUB; empty = nothing is published
    int hwm = 10000;
    CurveSettings curve;
    bool closed_network = false;
    std::size_t connections = 100;  ///< subscribers at once
    std::string section = "publish";  ///< in errors
};
/// The PUB of [ingest] report: guarded as [ingest] bind is, so whoever may feed may listen.
PublishSettings report_settings(const IngestSettings& ingest);

struct ListenSettings {
    std::string host = "127.0.0.1";
    int port = 0;  ///< 0 in the result = off; in the text ":0" = any free port
    bool any_port = false;
    std::size_t connections = 4096;             ///< at once; the oldest that asks nothing makes room
    std::size_t connections_per_address = 2048;  ///< an IPv6 address counts by its /64
    Span request_timeout{5000};                 ///< for a TLS handshake, a whole head, a whole body
};
struct HttpSettings {
    ListenSettings listen;
    std::string token_file;  ///< lines "role token [person]"; without it only loopback is allowed
    std::string tls_cert;
    std::string tls_key;
    Span hsts{0};                        ///< Strict-Transport-Security's max-age; 0 = browsers are told nothing
    std::string link_key_file;           ///< signs the links of pages; empty = a key of our own beside the store
    std::string link_key_previous_file;  ///< still accepted while keys are changed
    std::vector<Network> trusted_proxies;  ///< whose X-Forwarded-For, -Proto and -Host are believed
    std::string ack_url_base;              ///< as in the plan: the address under which people reach the listener
};
struct StoreSettings {
    std::string path = "/var/lib/surged/surged.db";
    Span snapshot_every{10000};
    Span retention{std::chrono::hours{24 * 400}};
};
struct HistorySettings {
    Span keep{std::chrono::hours{24 * 400}};  ///< on disk, at five minutes; 0 = "off": the last three hours, in memory
};
struct ForecastSettings {
    std::string profiles;  ///< file of `surgectl learn`, read at start and at reload; see profiles_path_of()
};
struct Settings {
    IngestSettings ingest;
    PublishSettings publish;
    ListenSettings metrics;
    HttpSettings http;
    StoreSettings store;
    HistorySettings history;
    ForecastSettings forecast;
    std::optional<ClusterSettings> cluster{};  ///< none = one host
    std::string base_dir;  ///< folder of the main file: relative file names start there
};

/// The file of learned profiles: as configured (relative names start at the main file's folder), else "profiles" beside the store.
std::string profiles_path_of(const Settings& settings, const std::string& store_path);

enum class Severity : std::uint8_t { error, warning };

/// One finding. line and col start at 1; 0 = the whole file.
struct Diagnostic {
    Severity severity = Severity::error;
    std::string file;
    int line = 0;
    int col = 0;
    std::string message;
    /// "file:line:col: error: message"
    std::string text() const;
};

struct LoadedConfig {
    std::unique_ptr<const Plan> plan;  ///< null when there is an error
    Settings settings;
    std::vector<Diagnostic> diagnostics;  ///< all of them, in file order
    std::vector<std::string> files;       ///< every file read
    bool ok() const { return plan != nullptr; }
};

/// Reads the main file and everything it includes, checks all of it, reports every error and not only the first. Never throws.
/// `now` is what gaps in the rosters of the next 14 days are looked for from; without it the system's clock.
LoadedConfig load_config(const std::string& path, std::optional<WallTime> now = std::nullopt);
/// The same from memory, for tests and embedded defaults: `name` stands in the diagnostics; includes are refused; gaps in the
/// rosters are looked for only when `now` is given.
LoadedConfig parse_config(const std::string& name, const std::string& text, std::optional<WallTime> now = std::nullopt);

/// Several files as one, and a text named `name` after them (rule tests); gaps in the rosters are not looked for.
LoadedConfig load_configs(const std::vector<std::string>& paths, const std::string& name, const std::string& extra);

}  // namespace surged
