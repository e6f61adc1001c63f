#include "app/snapshots.hpp"

#include <algorithm>
#include <chrono>

#include "app/recovery.hpp"
#include "app/stored_state.hpp"

namespace surged {
namespace {

/// Windows take at most this share of the engine's time; the disk's thread takes as much again.
constexpr int windows_cost_share = 300;

}  // namespace

Snapshots::Snapshots(const Engine& engine, StoreThread& store, FileWriter& files, const StoreSettings& settings, const Log& log,
                     ShadowThread::Options options)
    : engine_(engine),
      store_(store),
      files_(files),
      log_(log),
      windows_path_(windows_path_of(settings.path)),
      windows_every_(settings.snapshot_every),
      retention_(settings.retention),
      saved_seq_(engine.sequence()),
      shadow_([&store](std::uint64_t sequence, const std::string& bytes) { store.save_snapshot({sequence, stored_state(bytes)}); }, options) {
    shadow_.begin(engine_.shared_plan(), engine_.snapshot());
}

EngineTime Snapshots::next() const {
    if (hole_ || (writing_ && files_.waiting() <= waiting_max)) {
        return EngineTime{};
    }
    // Behind a slow disk: looked at again when there is something else to do, at the latest with the next housekeeping.
    return writing_ ? saved_at_ + state_every : std::min(windows_due_, saved_at_ + state_every);
}

void Snapshots::turn(Stamp now) {
    if (saved_at_ == EngineTime{}) {  // the first turn only starts the clocks
        saved_at_ = trimmed_at_ = now.at;
        windows_due_ = now.at + windows_every_;
        return;
    }
    const std::uint64_t since = engine_.sequence() - saved_seq_;
    const bool due = since >= records_max || now.at - saved_at_ >= state_every;
    if (hole_ || (due && since > 0)) {
        save_state(now);
    } else if (due) {
        saved_at_ = now.at;
    }
    if (!writing_ && now.at >= windows_due_) {
        begin_windows(now);
    }
    if (writing_ && files_.waiting() <= waiting_max && slice_of_windows(slice_max)) {
        end_windows();
    }
    if (now.at - trimmed_at_ >= trim_every) {
        trim(now);
    }
}

void Snapshots::last(Stamp now) {
    shadow_.stop();  // nothing older replaces this one
    if (engine_.sequence() > 0) {
        store_.save_snapshot({engine_.sequence(), stored_state(engine_.snapshot())});
    }
    begin_windows(now);
    while (!slice_of_windows(std::chrono::seconds(1))) {
    }
    end_windows();
}

/// Lost records leave no hole in it: the shadow has them of the engine, not of the log.
void Snapshots::save_state(Stamp now) {
    // One that fell behind for its load is not loaded anew before the load has had time to pass; a hole in the log cannot wait.
    if (shadow_.behind() && (hole_ || now.at - saved_at_ >= state_every)) {
        state_of_engine();
    }
    if (!shadow_.behind() && (hole_ || !shadow_.saving())) {
        shadow_.save();
        saved_seq_ = engine_.sequence();
        saved_at_ = now.at;
        hole_ = false;
    } else if (now.at - saved_at_ >= state_every) {
        saved_at_ = now.at;  // the one that is being made will do for a while
    }
}

void Snapshots::state_of_engine() {
    const auto from = std::chrono::steady_clock::now();
    shadow_.begin(engine_.shared_plan(), engine_.snapshot());
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - from);
    log_.warning("snapshots_behind", {{"why", "the thread of snapshots could not follow the records"},
                                      {"effect", "none was written meanwhile; it goes on from a state of the engine"},
                                      {"engine_away_ms", took.count()}});
}

void Snapshots::begin_windows(Stamp now) {
    writing_ = true;
    began_ = now.at;
    cursor_ = {};
    took_ = {};
    piece_.clear();
    piece_.reserve(piece_bytes + piece_bytes / 4);
    const std::string head = windows_head(now.at);
    piece_.put_raw(head.data(), head.size());
    files_.begin(windows_path_);
}

bool Snapshots::slice_of_windows(std::chrono::steady_clock::duration most) {
    constexpr std::size_t queues_at_once = 4;  // between two looks at the clock
    const auto from = std::chrono::steady_clock::now();
    std::chrono::steady_clock::duration passed{};
    do {
        if (!engine_.series_snapshot(cursor_, queues_at_once, piece_)) {  // a reload: what is written belongs to no one
            begin_windows({began_, {}});
            return false;
        }
        if (piece_.size() >= piece_bytes || cursor_.done()) {
            files_.add(piece_.take());
            piece_.clear();
            piece_.reserve(piece_bytes + piece_bytes / 4);
        }
        passed = std::chrono::steady_clock::now() - from;
    } while (!cursor_.done() && passed < most);
    took_ += passed;
    return cursor_.done();
}

void Snapshots::end_windows() {
    writing_ = false;
    files_.finish([log = &log_, path = windows_path_](const Result<void>& written) {
        if (!written) {
            log->warning("windows_not_saved", {{"path", path}, {"why", written.error().message}});
        }
    });
    windows_due_ = began_ + std::max(windows_every_, std::chrono::ceil<Span>(took_) * windows_cost_share);
}

void Snapshots::trim(Stamp now) {
    trimmed_at_ = now.at;
    const std::int64_t before = to_ms(now.wall - retention_);
    store_.run([log = &log_, seq = saved_seq_, before](RecordLog& records) {
        if (const auto gone = records.trim(seq, before); gone && *gone > 0) {
            log->info("trimmed", {{"records", *gone}});
        } else if (!gone) {
            log->warning("not_trimmed", {{"why", gone.error().message}});
        }
    });
}

}  // namespace surged
