#include "app/alone.hpp"

#include <cstdlib>
#include <string>

#include "app/parts.hpp"
#include "io/courier/client/http_client.hpp"
#include "wire/json_text.hpp"

namespace surged {
namespace {

constexpr Span answer_within{1000};

/// The highest owner that this host has seen; nullopt = it could not be asked.
std::optional<std::uint64_t> term_seen_by(const etcd::HostFacts& host, const ClusterSettings& settings) {
    HttpClientOptions options;
    options.server = host.url;
    options.ca_file = settings.ca_file;
    options.connect_timeout = options.timeout = answer_within;
    const auto reply = HttpClient(std::move(options)).get("/readyz");
    if (!reply) {
        return std::nullopt;
    }
    const auto json = parse_json(reply->body);
    const auto* term = json ? json->find("term") : nullptr;
    return term == nullptr ? std::nullopt : term->natural();
}

}  // namespace

Alone::Alone(Cluster& cluster, const Log& log, std::function<void(const std::string& why)> on_alone)
    : cluster_(cluster), log_(log), on_alone_(std::move(on_alone)), post_(cluster.line()), after_(cluster.settings().alone_after) {
    thread_ = std::thread([this] { run(); });
}

Alone::~Alone() {
    {
        const std::lock_guard hold(lock_);
        stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

void Alone::run() {
    std::unique_lock hold(lock_);
    while (!wake_.wait_for(hold, look_every, [this] { return stopping_; })) {
        hold.unlock();
        look(etcd::boottime());
        hold.lock();
    }
}

void Alone::look(etcd::BootTime now) {
    const bool silent = now - cluster_.gate.last_confirmed() >= after_;
    if (silent && after_ > etcd::BootTime{0}) {
        if (now - asked_ >= ask_every) {
            asked_ = now;
            ask(now);
        }
        return;
    }
    if (alone_) {
        alone_ = false;
        cluster_.gate.alone(false);
        log_.notice("etcd_answers", {{"effect", "decisions are confirmed again"}});
    }
    if (now - listed_ >= hosts_every) {
        listed_ = now;
        if (auto hosts = etcd::read_hosts(post_, cluster_.keys())) {
            std::erase_if(*hosts, [this](const etcd::HostFacts& host) { return host.name == cluster_.host(); });
            cluster_.set_followers(std::move(*hosts));
        }
    }
}

void Alone::ask(etcd::BootTime now) {
    const std::uint64_t ours = cluster_.term.load();
    int asked = 0;
    const auto hosts = cluster_.followers();
    for (const auto& host : hosts) {
        const auto term = term_seen_by(host, cluster_.settings());
        asked += term ? 1 : 0;
        if (term && *term > ours) {
            cluster_.gate.close();
            log_.error("superseded", {{"why", host.name + " has seen a later owner of the shard"},
                                      {"effect", "this process ends at once, the other goes on"}});
            std::_Exit(exit_store);
        }
    }
    if (!alone_ && now - cluster_.gate.last_confirmed() >= after_) {
        alone_ = true;
        cluster_.gate.alone(true);
        const std::string why = "etcd has not answered for " + std::to_string(after_.count() / 1000000000) + " s";
        on_alone_(why);
        log_.error("alone", {{"why", why},
                             {"hosts_asked", asked},
                             {"hosts_known", hosts.size()},
                             {"effect", "pages go on, labelled as possible repeats; answers are not confirmed"}});
    }
}

}  // namespace surged
