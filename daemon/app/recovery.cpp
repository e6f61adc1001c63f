#include "app/recovery.hpp"

#include <algorithm>

#include "app/stored_state.hpp"
#include "core/base/bytes.hpp"
#include "core/base/text.hpp"
#include "io/store/side_file.hpp"
#include "io/store/store_thread.hpp"
#include "wire/record_json.hpp"

namespace surged {
namespace {

struct Windows {
    EngineTime at{};
    std::string series;
};

/// The windows file; nullopt with `problem` empty when there is none.
std::optional<Windows> read_windows(const std::string& path, std::string& problem) {
    auto content = read_checked_file(path);
    if (!content) {
        problem = content.error().message;
        return std::nullopt;
    }
    if (!*content) {
        return std::nullopt;
    }
    ByteReader in(**content);
    Windows out;
    out.at = engine_time(in.get<std::int64_t>());
    out.series = (*content)->substr((*content)->size() - in.left());
    if (!in.ok()) {
        problem = "too short";
        return std::nullopt;
    }
    return out;
}

tl::unexpected<LogFailure> failed(const std::string& what, const LogFailure& failure) {
    return tl::unexpected(LogFailure{failure.error, what + ": " + failure.message});
}
tl::unexpected<LogFailure> damaged(std::string what) {
    return tl::unexpected(LogFailure{LogError::corrupt, std::move(what)});
}

/// Folds the records after `after`, which must all be there; remembers the last engine time seen.
Result<void, LogFailure> replay(RecordLog& log, std::uint64_t after, Engine& engine, RecoveryReport& report, EngineTime& last) {
    std::string problem;
    std::uint64_t expected = after;
    const auto read = log.read(after, [&](const StoredRecord& stored) {
        if (stored.seq != ++expected) {
            problem = "record " + std::to_string(expected) + " is missing";
            return false;
        }
        if (stored.type == record_type_lost) {
            ++report.lost;
            return true;
        }
        const Result<Record> record = decode_record(stored.bytes);
        if (!record) {
            problem = "record " + std::to_string(stored.seq) + " cannot be read back: " + record.error().message;
            return false;
        }
        engine.apply(*record);
        last = std::max(last, record->at);
        ++report.replayed;
        return true;
    });
    if (!read) {
        return failed("reading the store", read.error());
    }
    if (problem.empty() && expected < report.head) {
        problem = "record " + std::to_string(expected + 1) + " is missing";
    }
    return problem.empty() ? Result<void, LogFailure>{} : damaged(problem);
}

/// The newest snapshot that can be used, into the engine; its sequence, 0 = none can. What cannot be used is told in the report.
Result<std::uint64_t, LogFailure> restore_snapshot(RecordLog& log, Engine& engine, RecoveryReport& report) {
    const std::string blank = engine.snapshot();  // a snapshot that is not ours may have been taken half
    std::uint64_t before = UINT64_MAX;
    while (true) {
        const auto snapshot = log.snapshot_before(before);
        if (!snapshot && snapshot.error().error != LogError::corrupt) {
            return failed("reading the store's snapshot", snapshot.error());
        }
        if (!snapshot) {
            report.spoiled.push_back(snapshot.error().message);  // what stands behind it is behind the damage
            return 0;
        }
        if (!*snapshot) {
            return 0;
        }
        const auto seq = (*snapshot)->seq;
        const auto state = (*snapshot)->whole ? state_of((*snapshot)->bytes) : std::nullopt;
        if (state && engine.restore(*state)) {
            return seq;
        }
        report.spoiled.push_back("the snapshot at record " + std::to_string(seq) +
                                 ((*snapshot)->whole ? " is not one this version can read" : " has a wrong checksum"));
        engine.restore(blank);
        if (seq == 0) {
            return 0;
        }
        before = seq;
    }
}

/// Engine time of the newest record that has one, for a log whose snapshot covers everything.
EngineTime last_time(RecordLog& log, std::uint64_t head) {
    EngineTime last{};
    const std::uint64_t look_back = 64;  // place holders of lost records carry no time
    const auto ignored = log.read(head > look_back ? head - look_back : 0, [&](const StoredRecord& stored) {
        if (const auto record = decode_record(stored.bytes)) {
            last = std::max(last, record->at);
        }
        return true;
    });
    static_cast<void>(ignored);
    return last;
}

}  // namespace

std::string RecoveryReport::summary() const {
    if (head == 0) {
        return "empty store, nothing to recover";
    }
    std::string out = std::to_string(replayed) + " records replayed in " + format_span(took);
    out += snapshot_seq == 0 ? " (no snapshot)" : " after the snapshot at " + std::to_string(snapshot_seq);
    out += windows ? "" : "; windows start empty" + (windows_problem.empty() ? "" : " (" + windows_problem + ")");
    return lost == 0 ? out : out + "; " + std::to_string(lost) + " records had been lost";
}

std::string windows_path_of(const std::string& store_path) {
    return store_path + ".series";
}

std::string windows_head(EngineTime at) {
    ByteWriter out;
    out.put(to_ms(at));
    return out.take();
}

Result<RecoveryReport, LogFailure> recover(RecordLog& log, const std::string& windows_path, Engine& engine, const Clock& clock) {
    const Span began = clock.steady();
    RecoveryReport report;
    const auto head = log.head();
    if (!head) {
        return failed("reading the store", head.error());
    }
    report.head = *head;
    const auto snapshot = restore_snapshot(log, engine, report);
    if (!snapshot) {
        return tl::unexpected(snapshot.error());
    }
    report.snapshot_seq = *snapshot;
    EngineTime last = last_time(log, report.head);
    if (auto replayed = replay(log, report.snapshot_seq, engine, report, last); !replayed) {
        auto failure = replayed.error();
        for (const auto& why : report.spoiled) {
            failure.message += "; " + why;
        }
        return tl::unexpected(std::move(failure));
    }
    if (const auto windows = read_windows(windows_path, report.windows_problem)) {
        report.windows = engine.restore_series(windows->series);
        if (!report.windows) {
            report.windows_problem = "not one this version can read";
        }
        last = std::max(last, windows->at);
    }
    if (report.head > 0 || last != EngineTime{}) {
        report.last_known = last;
    }
    report.took = clock.steady() - began;
    return report;
}

}  // namespace surged
