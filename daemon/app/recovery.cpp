#include "app/recovery.hpp"

#include <algorithm>

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

tl::unexpected<Error> failed(const std::string& what, const LogFailure& failure) {
    return fail(what + ": " + failure.message);
}

/// Folds the records after `after`; remembers the last engine time seen.
Result<void> replay(RecordLog& log, std::uint64_t after, Engine& engine, RecoveryReport& report, EngineTime& last) {
    std::string problem;
    const auto read = log.read(after, [&](const StoredRecord& stored) {
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
    return problem.empty() ? Result<void>{} : fail(problem);
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

Result<RecoveryReport> recover(RecordLog& log, const std::string& windows_path, Engine& engine, const Clock& clock) {
    const Span began = clock.steady();
    RecoveryReport report;
    const auto head = log.head();
    if (!head) {
        return failed("reading the store", head.error());
    }
    report.head = *head;
    const auto snapshot = log.load_snapshot();
    if (!snapshot) {
        return failed("reading the store's snapshot", snapshot.error());
    }
    if (*snapshot) {
        report.snapshot_seq = (*snapshot)->seq;
        if (!engine.restore((*snapshot)->bytes)) {
            return fail("the store's snapshot at record " + std::to_string(report.snapshot_seq) +
                        " is not one this version can read");
        }
    }
    EngineTime last = last_time(log, report.head);
    if (auto replayed = replay(log, report.snapshot_seq, engine, report, last); !replayed) {
        return tl::unexpected(replayed.error());
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
