// What every RecordLog must do, whatever stands behind it. A backend is a type with
//     std::unique_ptr<RecordLog> open();   // again and again over the same storage; at most one log lives at a time
// and starts empty. Call record_log_conforms<Backend>() from a TEMPLATE_TEST_CASE; each SECTION starts with a new backend.
#pragma once

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "io/record_log.hpp"
#include "support/catch.hpp"
#include "support/memory_log.hpp"

namespace surged::test {

inline bool operator==(const StoredRecord& a, const StoredRecord& b) {
    return a.seq == b.seq && a.wall_ms == b.wall_ms && a.type == b.type && a.incident == b.incident && a.bytes == b.bytes;
}

/// A record whose whole content follows from its sequence.
inline StoredRecord record_for(std::uint64_t seq) {
    StoredRecord out;
    out.seq = seq;
    out.wall_ms = 1'795'330'800'000 + static_cast<std::int64_t>(seq) * 7;
    out.type = seq % 3 == 0 ? "alert.firing" : seq % 3 == 1 ? "page.queued" : "incident.opened";
    out.incident = seq % 5 == 0 ? "" : "0-" + std::to_string(seq % 7);
    out.bytes = "{\"seq\":" + std::to_string(seq) + ",\"text\":\"" + std::string(seq % 97, 'x') + "\"}";
    return out;
}

inline std::vector<StoredRecord> records_for(std::uint64_t first, std::size_t count) {
    std::vector<StoredRecord> out;
    for (std::size_t i = 0; i < count; ++i) {
        out.push_back(record_for(first + i));
    }
    return out;
}

inline std::vector<StoredRecord> read_all(RecordLog& log, std::uint64_t after = 0) {
    std::vector<StoredRecord> out;
    const auto done = log.read(after, [&](const StoredRecord& record) {
        out.push_back(record);
        return true;
    });
    INFO((done ? "" : done.error().message));
    REQUIRE(done);
    return out;
}

inline void require_records(const std::vector<StoredRecord>& found, std::uint64_t first, std::uint64_t last) {
    REQUIRE(found.size() == last + 1 - first);
    for (std::size_t i = 0; i < found.size(); ++i) {
        REQUIRE((found[i] == record_for(first + i)));
    }
}

inline bool is_conflict(const Result<void, LogFailure>& result) {
    return !result && result.error().error == LogError::conflict;
}

template <typename Backend>
void appends_conform() {
    Backend backend;
    auto log = backend.open();

    SECTION("an empty log is at 0, reads nothing and has no snapshot") {
        REQUIRE(log->head().value() == 0);
        REQUIRE(read_all(*log).empty());
        REQUIRE_FALSE(log->load_snapshot().value().has_value());
    }
    SECTION("what was appended is read back whole, in order, and after a reopening") {
        REQUIRE(log->append(0, records_for(1, 3)));
        REQUIRE(log->append(3, records_for(4, 97)));
        require_records(read_all(*log), 1, 100);
        require_records(read_all(*log, 42), 43, 100);
        REQUIRE(read_all(*log, 100).empty());
        REQUIRE(read_all(*log, 5000).empty());
        log.reset();
        log = backend.open();
        REQUIRE(log->head().value() == 100);
        require_records(read_all(*log), 1, 100);
    }
    SECTION("an append at the wrong place is a conflict and leaves nothing") {
        REQUIRE(log->append(0, records_for(1, 5)));
        REQUIRE(is_conflict(log->append(4, records_for(5, 1))));
        REQUIRE(is_conflict(log->append(6, records_for(7, 1))));
        REQUIRE(is_conflict(log->append(0, records_for(1, 1))));
        REQUIRE(log->head().value() == 5);
        require_records(read_all(*log), 1, 5);
    }
    SECTION("a batch with a hole, a repeat or a wrong start is refused as a whole") {
        auto hole = records_for(1, 4);
        hole[3].seq = 5;
        REQUIRE(is_conflict(log->append(0, hole)));
        auto repeat = records_for(1, 4);
        repeat[2].seq = 2;
        REQUIRE(is_conflict(log->append(0, repeat)));
        REQUIRE(is_conflict(log->append(0, records_for(2, 2))));
        REQUIRE(log->head().value() == 0);
        REQUIRE(read_all(*log).empty());
        REQUIRE(log->append(0, records_for(1, 4)));
    }
    SECTION("an empty append checks the place and changes nothing") {
        REQUIRE(log->append(0, {}));
        REQUIRE(is_conflict(log->append(1, {})));
        REQUIRE(log->head().value() == 0);
    }
    SECTION("a reader may stop at any record") {
        REQUIRE(log->append(0, records_for(1, 10)));
        std::uint64_t last = 0;
        REQUIRE(log->read(2, [&](const StoredRecord& record) { return (last = record.seq) < 6; }));
        REQUIRE(last == 6);
        REQUIRE(log->append(10, records_for(11, 1)));  // nothing is left locked
    }
}

template <typename Backend>
void bytes_conform() {
    Backend backend;
    auto log = backend.open();

    SECTION("any bytes come back as they went in: UTF-8, NUL, invalid UTF-8, empty, quotes") {
        auto records = records_for(1, 5);
        records[0].bytes = "班组长 приём \xF0\x9F\x93\x9E";
        records[1].bytes = std::string("a\0b\0", 4);
        records[2].bytes = "\xFF\xFE\x80 torn \xE7\x8F";
        records[3].bytes = "";
        records[4].bytes = "'; DROP TABLE records; --\n";
        records[4].incident = "0-'1\"";
        records[4].type = "system";
        REQUIRE(log->append(0, records));
        log.reset();
        log = backend.open();
        const auto found = read_all(*log);
        REQUIRE(found.size() == records.size());
        for (std::size_t i = 0; i < records.size(); ++i) {
            CHECK((found[i] == records[i]));
        }
    }
    SECTION("a record of 1 MiB among small ones") {
        auto records = records_for(1, 3);
        records[1].bytes.assign(std::size_t{1} << 20U, '\x01');
        REQUIRE(log->append(0, records));
        const auto found = read_all(*log);
        REQUIRE(found.size() == 3);
        REQUIRE((found[1] == records[1]));
    }
}

template <typename Backend>
void incidents_conform() {
    Backend backend;
    auto log = backend.open();
    REQUIRE(log->append(0, records_for(1, 70)));
    std::vector<std::uint64_t> seqs;
    const auto collect = [&](const StoredRecord& record) {
        seqs.push_back(record.seq);
        return true;
    };

    SECTION("a timeline has the incident's records only, in order") {
        REQUIRE(log->read_incident("0-3", 1000, collect));
        REQUIRE(seqs == std::vector<std::uint64_t>{3, 17, 24, 31, 38, 52, 59, 66});
    }
    SECTION("a limit bounds it, both sides") {
        REQUIRE(log->read_incident("0-3", 8, collect));
        REQUIRE(seqs.size() == 8);
        seqs.clear();
        REQUIRE(log->read_incident("0-3", 7, collect));
        REQUIRE(seqs.size() == 7);
        seqs.clear();
        REQUIRE(log->read_incident("0-3", 0, collect));
        REQUIRE(seqs.empty());
    }
    SECTION("records of no incident belong to none, and an unknown incident has none") {
        REQUIRE(log->read_incident("", 1000, collect));
        REQUIRE(log->read_incident("0-99", 1000, collect));
        REQUIRE(seqs.empty());
    }
}

template <typename Backend>
void snapshots_conform() {
    Backend backend;
    auto log = backend.open();
    REQUIRE(log->append(0, records_for(1, 20)));

    SECTION("the newest snapshot replaces older ones and survives a reopening") {
        REQUIRE(log->save_snapshot({5, "five"}));
        REQUIRE(log->save_snapshot({20, std::string("twenty\0.", 8)}));
        log.reset();
        log = backend.open();
        const auto found = log->load_snapshot().value();
        REQUIRE(found.has_value());
        REQUIRE(found->seq == 20);
        REQUIRE(found->bytes == std::string("twenty\0.", 8));
    }
    SECTION("at one sequence the later one holds; an older one never replaces a newer") {
        REQUIRE(log->save_snapshot({10, "a"}));
        REQUIRE(log->save_snapshot({10, "b"}));
        REQUIRE(log->load_snapshot().value()->bytes == "b");
        REQUIRE(log->save_snapshot({9, "old"}));
        REQUIRE(log->load_snapshot().value()->seq == 10);
    }
    SECTION("a snapshot of the future is a conflict, one of the head is not") {
        REQUIRE(is_conflict(log->save_snapshot({21, "future"})));
        REQUIRE_FALSE(log->load_snapshot().value().has_value());
        REQUIRE(log->save_snapshot({20, "now"}));
    }
    SECTION("trim forgets nothing that no snapshot covers") {
        REQUIRE(log->trim(20, INT64_MAX).value() == 0);
        require_records(read_all(*log), 1, 20);
        REQUIRE(log->save_snapshot({10, "ten"}));
        REQUIRE(log->trim(20, INT64_MAX).value() == 10);
        require_records(read_all(*log, 10), 11, 20);
        REQUIRE(log->trim(20, INT64_MAX).value() == 0);
    }
    SECTION("trim keeps what is young, and what lies after the given sequence") {
        REQUIRE(log->save_snapshot({20, "twenty"}));
        REQUIRE(log->trim(20, record_for(6).wall_ms).value() == 5);
        REQUIRE(log->trim(8, INT64_MAX).value() == 3);
        require_records(read_all(*log), 9, 20);
    }
    SECTION("a log trimmed to nothing keeps its place") {
        REQUIRE(log->save_snapshot({20, "twenty"}));
        REQUIRE(log->trim(20, INT64_MAX).value() == 20);
        log.reset();
        log = backend.open();
        REQUIRE(log->head().value() == 20);
        REQUIRE(is_conflict(log->append(0, records_for(1, 1))));
        REQUIRE(log->append(20, records_for(21, 2)));
        require_records(read_all(*log, 20), 21, 22);
    }
}

/// The same random calls on the backend and on the reference give the same answers.
template <typename Backend>
void agrees_with_reference(unsigned seed) {
    Backend backend;
    auto log = backend.open();
    MemoryLog reference(std::make_shared<MemoryDisk>());
    std::mt19937 random(seed);
    const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
    INFO("seed " << seed);
    for (int i = 0; i < 200; ++i) {
        const std::uint64_t head = reference.head().value();
        switch (below(6)) {
            case 0:
            case 1: {
                const std::uint64_t at = below(8) == 0 ? head + below(3) : head;
                const auto records = records_for(at + 1, below(20));
                REQUIRE(log->append(at, records).has_value() == reference.append(at, records).has_value());
                break;
            }
            case 2: {
                const StoredSnapshot snapshot{head + 2 > 6 ? head + 2 - below(6) : 0, "s" + std::to_string(i)};
                REQUIRE(log->save_snapshot(snapshot).has_value() == reference.save_snapshot(snapshot).has_value());
                break;
            }
            case 3: {
                const std::uint64_t seq = below(static_cast<unsigned>(head) + 2);
                const auto before = record_for(below(static_cast<unsigned>(head) + 2)).wall_ms;
                REQUIRE(log->trim(seq, before).value() == reference.trim(seq, before).value());
                break;
            }
            case 4:
                log.reset();
                log = backend.open();
                break;
            default: {
                const auto stored = reference.load_snapshot().value();
                const auto found = log->load_snapshot().value();
                REQUIRE(found.has_value() == stored.has_value());
                REQUIRE((!found || (found->seq == stored->seq && found->bytes == stored->bytes)));
                const std::uint64_t after = below(static_cast<unsigned>(head) + 2);
                const auto mine = read_all(*log, after);
                const auto theirs = read_all(reference, after);
                REQUIRE(mine.size() == theirs.size());
                for (std::size_t k = 0; k < mine.size(); ++k) {
                    REQUIRE((mine[k] == theirs[k]));
                }
            }
        }
        REQUIRE(log->head().value() == reference.head().value());
    }
}

template <typename Backend>
void record_log_conforms() {
    SECTION("append and read") {
        appends_conform<Backend>();
    }
    SECTION("what stands in a record") {
        bytes_conform<Backend>();
    }
    SECTION("timelines") {
        incidents_conform<Backend>();
    }
    SECTION("snapshots and trimming") {
        snapshots_conform<Backend>();
    }
    SECTION("random calls agree with the reference") {
        for (const unsigned seed : {1U, 2U, 3U, 4U}) {
            agrees_with_reference<Backend>(seed);
        }
    }
}

}  // namespace surged::test
