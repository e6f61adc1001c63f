#include "app/preflight.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <sstream>

#include "config/document.hpp"
#include "io/courier/secret_file.hpp"
#include "io/zmq/curve.hpp"
#include "os/file.hpp"

namespace surged {

namespace {

/// One file that the configuration names.
struct NamedFile {
    const char* section;
    const char* key;
    std::string path;
    bool secret;
};

class Preflight {
public:
    Preflight(const LoadedConfig& config, const std::string& store, const std::string& host)
        : config_(config), settings_(settings_in_force(config.settings, store)), host_(cluster_host(host)) {}

    std::vector<PreflightFinding> run() {
        if (!takes_samples(settings_)) {
            say(true, exit_config, "ingest", "bind", no_samples);
        }
        if (files_can_be_read()) {
            credentials();
            links();
            curve();
            cluster_files();
        }
        cluster_name();
        modes();
        listeners();
        store_folder();
        return std::move(findings_);
    }

private:
    void say(bool error, ExitCode code, std::string section, std::string key, std::string message) {
        findings_.push_back({error, code, std::move(section), std::move(key), std::move(message)});
    }

    std::vector<NamedFile> files() const {
        const ClusterSettings cluster = settings_.cluster.value_or(ClusterSettings{});
        return {{"http", "token_file", settings_.http.token_file, true},
                {"http", "tls_cert", settings_.http.tls_cert, false},
                {"http", "tls_key", settings_.http.tls_key, true},
                {"http", "link_key_file", settings_.http.link_key_file, true},
                {"http", "link_key_previous_file", settings_.http.link_key_previous_file, true},
                {"ingest", "curve", settings_.ingest.curve.secret_key_file, true},
                {"publish", "curve", settings_.publish.curve.secret_key_file, true},
                {"cluster", "ca_file", cluster.ca_file, false},
                {"cluster", "cert_file", cluster.cert_file, false},
                {"cluster", "key_file", cluster.key_file, true}};
    }

    /// False when a file is there that this user may not read: the daemon's user may, and nothing more can be said of it here.
    bool files_can_be_read() {
        bool all = true;
        for (const NamedFile& file : files()) {
            if (!file.path.empty() && ::access(file.path.c_str(), R_OK) != 0 && errno == EACCES) {
                all = false;
                say(false, exit_config, file.section, file.key, file.path + " cannot be read by this user; whether the daemon's user may is not known here");
            }
        }
        return all;
    }

    void credentials() {
        const HttpSettings& http = settings_.http;
        if (http.listen.port == 0 && !http.listen.any_port) {
            return;
        }
        const auto loaded = load_http_credentials(http);
        if (!loaded) {
            const bool tls = loaded.error().message.find(http.token_file) == std::string::npos || http.token_file.empty();
            say(true, exit_config, "http", tls ? "tls_cert" : "token_file", loaded.error().message);
        } else if (loaded->tokens.is_open() && !is_loopback(http.listen.host)) {
            say(true, exit_config, "http", "listen", http.listen.host + " is not a loopback address; listening there needs a token_file");
        }
        if (loaded && loaded->tls) {
            certificate(loaded->tls, {"http", "tls_cert", http.tls_cert, false},
                        ": browsers refuse the links of pages and the console until it is renewed (then: surgectl reload)", "surgectl reload");
        }
    }

    /// What this host shows etcd, and by what it knows etcd.
    void cluster_files() {
        if (!settings_.cluster) {
            return;
        }
        const ClusterSettings& cluster = *settings_.cluster;
        if (!cluster.cert_file.empty()) {
            const auto loaded = load_credentials({"", cluster.cert_file, cluster.key_file});
            if (!loaded) {
                // The reader is that of [http] and names its keys.
                std::string why = loaded.error().message;
                for (const auto& [theirs, ours] : {std::pair<std::string_view, std::string_view>{"tls_cert ", "cert_file "}, {"tls_key ", "key_file "}}) {
                    for (auto at = why.find(theirs); at != std::string::npos; at = why.find(theirs, at + ours.size())) {
                        why.replace(at, theirs.size(), ours);
                    }
                }
                say(true, exit_config, "cluster", "cert_file", std::move(why));
            } else {
                certificate(loaded->tls, {"cluster", "cert_file", cluster.cert_file, false},
                            ": etcd refuses this host until it is renewed (then: restart surged)", "restart surged");
            }
        }
        constexpr std::size_t authorities_max = std::size_t{4} << 20U;
        const auto text = cluster.ca_file.empty() ? Result<std::string, int>("-----BEGIN") : read_file(cluster.ca_file, authorities_max);
        if (!text) {
            say(true, exit_config, "cluster", "ca_file", "cannot read " + cluster.ca_file + ": " + std::strerror(text.error()));
        } else if (text->find("-----BEGIN") == std::string::npos) {
            say(true, exit_config, "cluster", "ca_file", cluster.ca_file + " holds no certificate (PEM)");
        }
    }

    void cluster_name() {
        if (settings_.cluster && !cluster_host_valid(host_)) {
            say(true, exit_config, "cluster", "url",
                "the name of this host, \"" + host_ + "\", cannot stand for {host}: give one of letters, digits, '.', '-' and '_' with --host");
        }
    }

    /// The first of the chain that peers refuse now or will within days. Nothing that pages people needs that of [http]: a start goes on,
    /// and without etcd a stand-by waits. `cure` is done once it is renewed.
    void certificate(const TlsContext& tls, const NamedFile& file, const char* refused, const char* cure) {
        constexpr std::int64_t day_s = 86400;
        constexpr std::int64_t soon_days = 14;
        const std::int64_t now_s = std::time(nullptr);
        const auto date = [](std::int64_t s) {
            const std::time_t time = s;
            std::tm civil{};
            std::array<char, 16> text{};
            std::strftime(text.data(), text.size(), "%Y-%m-%d", ::gmtime_r(&time, &civil));
            return std::string(text.data());
        };
        bool first = true;
        for (const CertificatePeriod& period : certificate_periods(tls)) {
            const std::string which = file.path + (first ? "" : ", a certificate of its chain");
            first = false;
            const auto days = (period.until_s - now_s) / day_s;
            if (now_s >= period.until_s) {
                say(true, exit_config, file.section, file.key, which + " expired on " + date(period.until_s) + refused);
                findings_.back().starts = true;
                return;
            }
            if (now_s < period.from_s) {
                say(true, exit_config, file.section, file.key, which + " is valid from " + date(period.from_s) + " only" + refused);
                findings_.back().starts = true;
                return;
            }
            if (days < soon_days) {
                say(false, exit_config, file.section, file.key,
                    which + " expires in " + std::to_string(days) + (days == 1 ? " day" : " days") + ", on " + date(period.until_s) +
                        ": renew it, then: " + cure);
                return;
            }
        }
    }

    void links() {
        if (!settings_.http.link_key_file.empty()) {
            if (const auto signer = LinkSigner::load(settings_.http.link_key_file, settings_.http.link_key_previous_file); !signer) {
                say(true, exit_config, "http", "link_key_file", signer.error().message);
            }
        }
    }

    void curve() {
        const auto judge = [&](bool wanted, bool serves, const CurveSettings& keys, const char* section) {
            if (const auto tried = wanted ? try_curve(keys, serves) : Result<void>{}; !tried) {
                say(true, exit_config, section, "curve", tried.error().message);
            }
        };
        judge(!settings_.ingest.bind.empty() || !settings_.ingest.report.empty(), true, settings_.ingest.curve, "ingest");
        judge(!settings_.ingest.subscribe.empty(), false, settings_.ingest.curve, "ingest");
        judge(!settings_.publish.bind.empty(), true, settings_.publish.curve, "publish");
        const bool open = settings_.ingest.curve.allowed_keys.empty() && settings_.ingest.clients.empty();
        if (!settings_.ingest.bind.empty() && !settings_.ingest.curve.secret_key_file.empty() && open) {
            say(false, exit_config, "ingest", "curve", "without allowed_keys or [[ingest.client]] every peer that has the public key may feed");
        }
    }

    /// A secret that others may read is one in name only. The token file is refused by its reader; the rest is told.
    void modes() {
        const auto judge = [&](const std::string& section, const std::string& key, const std::string& path) {
            struct stat found {};
            if (!path.empty() && ::stat(path.c_str(), &found) == 0 && S_ISREG(found.st_mode) && (found.st_mode & S_IROTH) != 0) {
                say(false, exit_config, section, key, path + " can be read by everybody on this host: chmod o-r");
            }
        };
        for (const NamedFile& file : files()) {
            if (file.secret && std::string_view(file.key) != "token_file") {
                judge(file.section, file.key, file.path);
            }
        }
        judge("store", "path", settings_.store.path + ".linkkey");
        for (const ChannelSpec& channel : config_.plan->channels) {
            for (const auto& [key, value] : channel.settings) {
                if (key.ends_with("_file") && key != "ca_file" && !value.empty()) {
                    judge("[channel]", key, secret_path(value, config_.settings.base_dir, {}));
                }
            }
        }
    }

    struct Listener {
        std::string host;
        std::string port;
        std::string section;
        std::string key;
    };

    static bool anywhere(const std::string& host) { return host == "0.0.0.0" || host == "*" || host == "::" || host == "[::]"; }

    void listeners() {
        std::vector<Listener> all;
        const auto add = [&](const std::string& endpoint, const char* section, const char* key = "bind") {
            const auto colon = endpoint.rfind(':');
            if (endpoint.starts_with("tcp://") && colon > 6) {
                all.push_back({endpoint.substr(6, colon - 6), endpoint.substr(colon + 1), section, key});
            } else if (endpoint.starts_with("ipc://")) {
                all.push_back({"ipc", endpoint, section, key});
            }
        };
        for (const auto& endpoint : settings_.ingest.bind) {
            add(endpoint, "ingest");
        }
        for (const auto& endpoint : settings_.publish.bind) {
            add(endpoint, "publish");
        }
        for (const auto& endpoint : settings_.ingest.report) {
            add(endpoint, "ingest", "report");
        }
        for (const auto& [listen, section] : {std::pair(&settings_.metrics, "metrics"), std::pair(&settings_.http.listen, "http")}) {
            if (listen->port != 0) {
                all.push_back({listen->host, std::to_string(listen->port), section, "listen"});
            }
        }
        const auto name = [](const std::string& host) { return host == "localhost" ? std::string("127.0.0.1") : host; };
        for (std::size_t i = 0; i < all.size(); ++i) {
            for (std::size_t k = 0; k < i; ++k) {
                const bool port = all[i].port == all[k].port && all[i].port != "0" && all[i].port != "*" && all[i].port != "!";
                if (port && (name(all[i].host) == name(all[k].host) || anywhere(all[i].host) || anywhere(all[k].host))) {
                    say(true, exit_address, all[i].section, all[i].key,
                        "listens at " + all[i].host + ":" + all[i].port + ", where [" + all[k].section + "] listens already");
                    break;
                }
            }
        }
    }

    void store_folder() {
        const std::filesystem::path path(settings_.store.path);
        const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
        std::error_code ignored;
        if (std::filesystem::is_directory(path, ignored)) {
            say(true, exit_store, "store", "path", path.string() + " is a folder");
        } else if (!std::filesystem::is_directory(folder, ignored)) {
            // systemd makes the unit's own folder (StateDirectory).
            const bool ours = folder == "/var/lib/surged";
            say(!ours, exit_store, "store", "path", "there is no folder " + folder.string() + (ours ? ": the unit makes it; without systemd: " : ": make it: ") + "install -d -m 0700 -o surged -g surged " + folder.string());
        } else if (::access(folder.c_str(), W_OK | X_OK) != 0) {
            say(false, exit_store, "store", "path", folder.string() + " cannot be written by this user; whether the daemon's user may is not known here");
        }
    }

    const LoadedConfig& config_;
    Settings settings_;
    std::string host_;
    std::vector<PreflightFinding> findings_;
};

/// Where `key` stands below [section], as "file:line:col"; the main file's name when it does not stand there (a default).
std::string place_of_key(const LoadedConfig& config, const std::string& section, const std::string& key) {
    for (const std::string& file : config.files) {
        // It was read whole just now; one that cannot be read any more names no place.
        std::istringstream in(read_file(file, text_bytes_max).value_or(""));
        std::string line;
        bool inside = false;
        for (std::size_t number = 1; std::getline(in, line); ++number) {
            const auto first = line.find_first_not_of(" \t");
            if (first == std::string::npos || line[first] == '#') {
                continue;
            }
            if (line[first] == '[') {
                inside = line.compare(first, section.size() + 2, "[" + section + "]") == 0;
            } else if (inside && line.compare(first, key.size(), key) == 0 &&
                       line.find_first_not_of(" \t", first + key.size()) == line.find_first_of("=.", first + key.size())) {
                return file + ":" + std::to_string(number) + ":" + std::to_string(first + 1);
            }
        }
    }
    return config.files.empty() ? std::string() : config.files.front();
}

}  // namespace

std::vector<PreflightFinding> preflight(const LoadedConfig& config, const std::string& store, const std::string& host) {
    return Preflight(config, store, host).run();
}

std::string summary_of(const LoadedConfig& config) {
    const Plan& plan = *config.plan;
    std::string out;
    const auto add = [&](std::size_t count, const char* one, const char* many) {
        out += (out.empty() ? "" : ", ") + std::to_string(count) + " " + (count == 1 ? one : many);
    };
    add(config.files.size(), "file", "files");
    add(plan.rules.size(), "rule", "rules");
    add(plan.derives.size(), "derived metric", "derived metrics");
    add(plan.expects.size(), "declared queue", "declared queues");
    add(plan.channels.size(), "channel", "channels");
    add(plan.people.size(), "person", "people");
    add(plan.rosters.size(), "roster", "rosters");
    add(plan.policies.size(), "policy", "policies");
    return out;
}

std::string text_of(const PreflightFinding& finding, const LoadedConfig& config) {
    return place_of_key(config, finding.section, finding.key) + ": " + (finding.error ? "error" : "warning") + ": " +
           (finding.section.starts_with('[') ? finding.section : "[" + finding.section + "]") + " " + finding.key + ": " + finding.message;
}

}  // namespace surged
