// The record log on a real etcd: the conformance suite, lost and late requests, and a second owner.
#include <memory>

#include "io/etcd/batch.hpp"
#include "io/etcd/etcd_log.hpp"
#include "io/etcd/hosts.hpp"
#include "io/etcd/read.hpp"
#include "io/store/paired_log.hpp"
#include "io/store/sqlite_log.hpp"
#include "support/etcd_peer.hpp"
#include "unit/store/conformance.hpp"

using namespace surged;
using namespace surged::test;

namespace {

/// One etcd for the whole program; nullptr = it is not installed.
EtcdPeer* peer() {
    static const auto one = etcd_program().empty() ? nullptr : std::make_unique<EtcdPeer>();
    return one.get();
}

bool no_etcd() {
    if (peer() == nullptr) {
        WARN("etcd is not installed (package etcd-server): skipped");
    }
    return peer() == nullptr;
}

etcd::Keys next_keys() {
    static int shard = 0;
    return {"test", std::to_string(++shard)};
}

std::string next_claim() {
    static int claims = 0;
    return "claim-" + std::to_string(++claims);
}

etcd::EtcdLogOptions options_for(const etcd::Keys& keys, etcd::Post post) {
    return {std::move(post), keys, [] { return std::int64_t{1000}; }, [] { return std::chrono::nanoseconds{1}; }, [](auto) {}};
}

std::unique_ptr<RecordLog> claimed(const etcd::Keys& keys, const std::string& host = "a", etcd::Post post = peer()->post()) {
    const auto standing = etcd::look(peer()->post(), keys);
    REQUIRE(standing);
    auto log = etcd::claim_log(options_for(keys, std::move(post)), *standing, {host, "https://" + host, "v1", "installation-1", next_claim()});
    INFO((log ? "" : log.error().message));
    REQUIRE(log);
    return std::move(*log);
}

class EtcdBackend {
public:
    std::unique_ptr<RecordLog> open() { return claimed(keys_); }

private:
    etcd::Keys keys_ = next_keys();
};

/// As several hosts have it: etcd, and a copy of this host.
class PairedBackend {
public:
    std::unique_ptr<RecordLog> open() {
        auto copy = open_sqlite_log(dir_.file("copy.db"));
        REQUIRE(copy);
        return pair_logs(claimed(keys_), std::move(*copy), {});
    }

private:
    etcd::Keys keys_ = next_keys();
    TempDir dir_;
};

std::size_t keys_of_log(const etcd::Keys& keys) {
    const auto reply =
        etcd::carry_out(peer()->post(), {{}, {etcd::Get{.key = keys.log(0), .end = keys.log_end(), .keys_only = true}}, {}});
    REQUIRE(reply);
    return reply->found[0].size();
}

}  // namespace

TEST_CASE("etcd log: a new shard that is begun behind a host's own records keeps their count", "[integration]") {
    if (no_etcd()) {
        return;
    }
    const auto keys = next_keys();
    auto options = options_for(keys, peer()->post());
    std::uint64_t term = 0;
    options.begins_behind = 40;
    options.version = [] { return std::string("v7"); };
    options.wall_ms = [] { return std::int64_t{77}; };
    options.claimed = [&](std::uint64_t revision) { term = revision; };
    auto log = etcd::claim_log(options, *etcd::look(peer()->post(), keys), {"a", "https://a", "v7", "i", next_claim()});
    REQUIRE(log);
    CHECK((*log)->head().value() == 40);
    REQUIRE((*log)->append(40, records_for(41, 3)));
    const auto standing = etcd::look(peer()->post(), keys);
    CHECK(term == standing->term_revision);
    CHECK(standing->head->seq == 43);
    CHECK(standing->head->kept == 41);
    CHECK(standing->head->version == "v7");
    CHECK(standing->head->wall == 77);
    // One that has nothing finds that the beginning is not there.
    const auto found = etcd::read_behind(peer()->post(), keys, 0);
    REQUIRE(found);
    CHECK(found->records.front().seq == 41);
    // The next owner begins where the log is, whatever it has itself.
    auto second = etcd::claim_log(options, *standing, {"b", "https://b", "v7", "i", next_claim()});
    REQUIRE(second);
    CHECK((*second)->head().value() == 43);
}

TEST_CASE("etcd hosts: each tells of itself, and all are read in order", "[integration]") {
    if (no_etcd()) {
        return;
    }
    const auto keys = next_keys();
    CHECK(etcd::read_hosts(peer()->post(), keys)->empty());
    REQUIRE(etcd::tell_host(peer()->post(), keys, {"b", "https://b", 7, "v", true, -5}));
    REQUIRE(etcd::tell_host(peer()->post(), keys, {"a", "https://a", 9, "v", false, 8}));
    REQUIRE(etcd::tell_host(peer()->post(), keys, {"b", "https://b", 8, "w", true, 6}));
    REQUIRE(etcd::carry_out(peer()->post(), {{}, {etcd::Put{keys.host("c"), "no host"}}, {}}));
    const auto hosts = etcd::read_hosts(peer()->post(), keys);
    REQUIRE(hosts->size() == 2);
    CHECK((*hosts)[0].name == "a");
    CHECK_FALSE((*hosts)[0].warm);
    CHECK((*hosts)[1].seq == 8);
    CHECK((*hosts)[1].version == "w");
    CHECK((*hosts)[1].at == 6);
}

TEST_CASE("etcd log: with a copy in SQLite it conforms", "[integration]") {
    if (no_etcd()) {
        return;
    }
    record_log_conforms<PairedBackend>();
}

TEST_CASE("etcd log: an offered snapshot goes part by part, and nobody sees it before it is whole", "[integration]") {
    if (no_etcd()) {
        return;
    }
    const auto keys = next_keys();
    auto log = claimed(keys);
    REQUIRE(log->append(0, records_for(1, 5)));
    const std::string bytes = std::string(etcd::part_bytes, 'a') + std::string(etcd::part_bytes, 'b') + "end";
    REQUIRE(log->offer_snapshot({5, bytes}));
    CHECK(log->offer_snapshot({6, bytes}).error().error == LogError::conflict);
    for (int part = 0; part < 3; ++part) {
        REQUIRE(log->work().value());
        REQUIRE_FALSE(log->load_snapshot().value().has_value());
        REQUIRE(log->append(5 + static_cast<std::uint64_t>(part), records_for(6 + static_cast<std::uint64_t>(part), 1)));
    }
    REQUIRE(log->work().value());
    CHECK(log->load_snapshot().value()->bytes == bytes);
    CHECK_FALSE(log->work().value());
    SECTION("a newer one takes the place of one that waits") {
        REQUIRE(log->offer_snapshot({6, bytes}));
        REQUIRE(log->work().value());
        REQUIRE(log->offer_snapshot({7, "seven"}));
        REQUIRE(log->work().value());
        REQUIRE(log->work().value());
        CHECK(log->load_snapshot().value()->bytes == "seven");
        CHECK(log->snapshot_before(7).value()->bytes == bytes);
    }
}

TEST_CASE("etcd log: batches that a snapshot covers go, the newest ten thousand records stay", "[integration]") {
    if (no_etcd()) {
        return;
    }
    const auto keys = next_keys();
    auto log = claimed(keys);
    std::uint64_t head = 0;
    const auto append = [&](std::uint64_t count, std::size_t size) {
        for (std::uint64_t i = 0; i < count; ++i) {
            REQUIRE(log->append(head, records_for(head + 1, size)));
            head += size;
        }
    };
    append(250, 4);
    append(5, 2000);
    REQUIRE(log->offer_snapshot({head, "state"}));
    REQUIRE(log->work().value());
    REQUIRE(log->work().value());
    CHECK(keys_of_log(keys) == 255);
    int pieces = 0;
    while (log->work().value()) {
        ++pieces;
        require_records(read_all(*log, head - 3), head - 2, head);
        const auto standing = etcd::look(peer()->post(), keys).value();
        require_records(read_all(*log), standing.head->kept, head);
        REQUIRE(pieces < 10);
    }
    CHECK(pieces == 3);  // at most a hundred keys a request
    CHECK(keys_of_log(keys) <= 6);
    CHECK(etcd::look(peer()->post(), keys)->head->kept <= head - etcd::kept_records + 1);
    append(1, 3);
    require_records(read_all(*log, head - 5), head - 4, head);
}

TEST_CASE("etcd log: it conforms", "[integration]") {
    if (no_etcd()) {
        return;
    }
    record_log_conforms<EtcdBackend>();
}

TEST_CASE("etcd log: once another host has claimed the shard nothing of the first is written any more", "[integration]") {
    if (no_etcd()) {
        return;
    }
    const auto keys = next_keys();
    auto first = claimed(keys, "a");
    REQUIRE(first->append(0, records_for(1, 3)));
    auto second = claimed(keys, "b");
    const auto superseded = [](const auto& result) { return !result && result.error().error == LogError::superseded; };

    SECTION("an append, also of parts") {
        CHECK(superseded(first->append(3, records_for(4, 1))));
        auto large = records_for(4, 1);
        large[0].bytes.assign(std::size_t{2} << 20U, 'x');
        CHECK(superseded(first->append(3, large)));
    }
    SECTION("a pulse") {
        CHECK(superseded(first->append(3, {})));
    }
    SECTION("a look") {
        CHECK(superseded(first->head()));
        CHECK(superseded(first->append(3, records_for(4, 1))));
    }
    SECTION("a snapshot") {
        CHECK(superseded(first->save_snapshot({2, "state"})));
        CHECK_FALSE(second->load_snapshot().value().has_value());
    }
    REQUIRE(second->append(3, records_for(4, 2)));
    first.reset();  // its end releases nothing that is not its own
    CHECK_FALSE(etcd::look(peer()->post(), keys)->head->released);
    require_records(read_all(*second), 1, 5);
    CHECK(second->installation().id == "installation-1");
}

TEST_CASE("etcd log: of two hosts that claim what both have seen one gets it", "[integration]") {
    if (no_etcd()) {
        return;
    }
    const auto keys = next_keys();
    const auto seen = etcd::look(peer()->post(), keys).value();
    auto first = etcd::claim_log(options_for(keys, peer()->post()), seen, {"a", "", "", "x", next_claim()});
    auto second = etcd::claim_log(options_for(keys, peer()->post()), seen, {"b", "", "", "y", next_claim()});
    REQUIRE(first);
    REQUIRE_FALSE(second);
    CHECK(second.error().error == LogError::held);
    // A head that moves shows that the owner lives: a claim by what was seen before it is refused.
    const auto before = etcd::look(peer()->post(), keys).value();
    REQUIRE((*first)->append(0, {}));
    CHECK(etcd::claim_log(options_for(keys, peer()->post()), before, {"b", "", "", "y", next_claim()}).error().error == LogError::held);
}

TEST_CASE("etcd log: a claim whose first answer was lost is known as one's own, and somebody else's is not", "[integration]") {
    if (no_etcd()) {
        return;
    }
    const auto keys = next_keys();
    const auto line = peer()->post();
    const etcd::Post twice = [&](std::string_view path, const std::string& json) {
        (void)line(path, json);
        return line(path, json);
    };
    const auto seen = etcd::look(line, keys).value();
    auto log = etcd::claim_log(options_for(keys, twice), seen, {"a", "", "", "x", next_claim()});
    REQUIRE(log);
    REQUIRE((*log)->append(0, records_for(1, 2)));
    CHECK(etcd::claim_log(options_for(keys, twice), seen, {"a", "", "", "x", next_claim()}).error().error == LogError::held);
}

TEST_CASE("etcd log: an owner that ends releases the shard, and keeps its place", "[integration]") {
    if (no_etcd()) {
        return;
    }
    const auto keys = next_keys();
    auto log = claimed(keys);
    REQUIRE(log->append(0, records_for(1, 9)));
    CHECK_FALSE(etcd::look(peer()->post(), keys)->head->released);
    log.reset();
    const auto standing = etcd::look(peer()->post(), keys).value();
    CHECK(standing.head->released);
    CHECK(standing.head->seq == 9);
}

TEST_CASE("etcd log: the gate hears of every request that was confirmed, from before it was sent", "[integration]") {
    if (no_etcd()) {
        return;
    }
    const auto keys = next_keys();
    int clock = 0;
    std::vector<int> confirmed;
    auto options = options_for(keys, peer()->post());
    options.boottime = [&] { return std::chrono::nanoseconds{++clock}; };
    options.confirmed = [&](std::chrono::nanoseconds at) { confirmed.push_back(static_cast<int>(at.count())); };
    auto log = etcd::claim_log(options, etcd::look(peer()->post(), keys).value(), {"a", "", "", "x", next_claim()});
    REQUIRE(log);
    REQUIRE((*log)->append(0, records_for(1, 2)));
    REQUIRE((*log)->append(2, {}));
    CHECK(confirmed == std::vector<int>{1, 2, 3});
    auto other = claimed(keys, "b");
    CHECK_FALSE((*log)->append(2, {}));
    CHECK(confirmed.size() == 3);
}

TEST_CASE("etcd log: questions and answers that are lost, and questions that come late, lose nothing and write nothing twice", "[integration]") {
    if (no_etcd()) {
        return;
    }
    for (const unsigned seed : {1U, 2U, 3U, 4U, 5U, 6U}) {
        INFO("seed " << seed);
        const auto keys = next_keys();
        LossyLine line(peer()->post(), seed);
        auto log = claimed(keys, "a", line.post());
        line.chance = 0.3;
        std::mt19937 random(seed);
        std::uint64_t head = 0;
        bool failing = false;
        std::vector<StoredRecord> hand;
        // As the store's thread does it: a batch that failed is held in the hand until the log says where it is.
        for (int i = 0; i < 300; ++i) {
            if (failing) {
                const auto at = log->head();
                if (!at) {
                    REQUIRE(at.error().error == LogError::unavailable);
                    continue;
                }
                failing = false;
                REQUIRE((*at == head || (!hand.empty() && *at == hand.back().seq)));
                if (*at != head) {
                    head = *at;
                    hand.clear();
                }
            }
            if (hand.empty() && random() % 4 != 0) {
                hand = records_for(head + 1, 1 + random() % 5);
                if (random() % 16 == 0) {
                    hand[0].bytes.assign(std::size_t{1} << 20U, 'p');
                }
            }
            const auto done = log->append(head, hand);
            if (!done) {
                REQUIRE(done.error().error == LogError::unavailable);
                failing = true;
                continue;
            }
            head += hand.size();
            hand.clear();
        }
        CHECK(line.suffered > 50);
        const auto other = claimed(keys, "b");
        const auto at = other->head().value();
        REQUIRE((at == head || (!hand.empty() && at == hand.back().seq)));
        std::uint64_t next = 1;
        REQUIRE(other->read(0, [&](const StoredRecord& record) { return record.seq == next++; }));
        REQUIRE(next == at + 1);
    }
}

TEST_CASE("etcd log: what etcd cannot be asked is unavailable, and the process goes on", "[integration]") {
    if (no_etcd()) {
        return;
    }
    const auto keys = next_keys();
    bool away = false;
    const auto line = peer()->post();
    auto log = claimed(keys, "a", [&](std::string_view path, const std::string& json) -> Result<std::string> {
        return away ? fail("connection refused") : line(path, json);
    });
    REQUIRE(log->append(0, records_for(1, 2)));
    away = true;
    CHECK(log->append(2, records_for(3, 1)).error().error == LogError::unavailable);
    CHECK(log->head().error().message == "connection refused");
    away = false;
    CHECK(log->head().value() == 2);
    CHECK(log->append(2, records_for(3, 1)));
}

TEST_CASE("etcd log: a log that was damaged from outside is told, and never read past", "[integration]") {
    if (no_etcd()) {
        return;
    }
    const auto keys = next_keys();
    auto log = claimed(keys);
    REQUIRE(log->append(0, records_for(1, 2)));
    REQUIRE(log->append(2, records_for(3, 2)));
    REQUIRE(log->append(4, records_for(5, 2)));
    const auto corrupt = [&](std::uint64_t after) {
        const auto found = etcd::read_behind(peer()->post(), keys, after);
        return !found && found.error().error == LogError::corrupt;
    };
    SECTION("a batch that is gone, in the middle, at the beginning and at the end") {
        for (const std::uint64_t first : {3U, 1U, 5U}) {
            REQUIRE(etcd::carry_out(peer()->post(), {{}, {etcd::Delete{keys.log(first)}}, {}}));
            CHECK(corrupt(first - 1));
        }
    }
    SECTION("a batch with another content") {
        REQUIRE(etcd::carry_out(peer()->post(), {{}, {etcd::Put{keys.log(3), "no batch"}}, {}}));
        CHECK(corrupt(2));
        CHECK(corrupt(0));
    }
    SECTION("parts of a batch that was never committed are no records") {
        auto large = records_for(7, 1);
        large[0].bytes.assign(std::size_t{1} << 20U, 'x');
        REQUIRE(etcd::carry_out(peer()->post(), {{}, {etcd::Put{keys.log_part(7, 0), std::string(1000, 'x')}}, {}}));
        require_records(read_all(*log), 1, 6);
        CHECK(etcd::read_behind(peer()->post(), keys, 6)->records.empty());
        REQUIRE(log->append(6, records_for(7, 1)));
        require_records(read_all(*log), 1, 7);
    }
}

TEST_CASE("etcd log: a reader may begin in the middle of a batch, and behind what was trimmed", "[integration]") {
    if (no_etcd()) {
        return;
    }
    const auto keys = next_keys();
    auto log = claimed(keys);
    REQUIRE(log->append(0, records_for(1, 10)));
    REQUIRE(log->append(10, records_for(11, 10)));
    for (const std::uint64_t after : {0U, 1U, 9U, 10U, 11U, 19U}) {
        INFO(after);
        require_records(read_all(*log, after), after + 1, 20);
    }
    REQUIRE(log->save_snapshot({15, "state"}));
    REQUIRE(log->trim(20, INT64_MAX).value() == 15);
    require_records(read_all(*log), 16, 20);
    require_records(read_all(*log, 3), 16, 20);
    require_records(read_all(*log, 17), 18, 20);
    const auto left = etcd::carry_out(peer()->post(), {{}, {etcd::Get{.key = keys.log(0), .end = keys.log_end()}}, {}});
    REQUIRE(left->found[0].size() == 1);
    CHECK(left->found[0][0].key == keys.log(11));
}
