#include "app/snapshots.hpp"

#include <algorithm>
#include <chrono>

#include "app/recovery.hpp"

namespace surged {
namespace {

/// Windows take at most this share of the engine's time; the disk's thread takes as much again.
constexpr int windows_cost_share = 300;

}  // namespace

Snapshots::Snapshots(const Engine& engine, StoreThread& store, FileWriter& files, const StoreSettings& settings, const Log& log)
    : engine_(engine),
      store_(store),
      files_(files),
      log_(log),
      windows_path_(windows_path_of(settings.path)),
      windows_every_(settings.snapshot_every),
      retention_(settings.retention),
      saved_seq_(engine.sequence()) {}

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
    if (hole_ || since >= records_max || now.at - saved_at_ >= state_every) {
        if (hole_ || since > 0) {
            save_state(now);
        }
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
    if (engine_.sequence() > 0) {
        save_state(now);
    }
    begin_windows(now);
    while (!slice_of_windows(std::chrono::seconds(1))) {
    }
    end_windows();
}

void Snapshots::save_state(Stamp now) {
    hole_ = false;
    saved_seq_ = engine_.sequence();
    saved_at_ = now.at;
    store_.save_snapshot({saved_seq_, engine_.snapshot()});
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
