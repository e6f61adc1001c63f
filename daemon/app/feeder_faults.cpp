#include "app/feeder_faults.hpp"

namespace surged {

void FeederFaults::turn(const RefusalBook& book, EngineTime now, const Log& log) {
    if (now >= window_ + every) {
        if (untold_ > 0) {
            log.warning("refused_more", {{"sources", untold_}, {"see", "surgectl status"}});
        }
        window_ = now;
        lines_ = untold_ = 0;
        generation_ = 0;  // what was kept back, or came within a minute of its line, is looked at again
    }
    if (book.generation() == generation_) {
        return;
    }
    generation_ = book.generation();
    std::map<std::pair<std::string, Refusal>, Told> still;
    for (const auto& entry : book.entries()) {
        const std::pair key(entry.source, entry.note.reason);
        const auto known = told_.find(key);
        auto told = known == told_.end() ? Told{0, EngineTime::min()} : known->second;
        told.count = told.count > entry.count ? 0 : told.count;  // it was forgotten in between
        const bool due = entry.count > told.count && (told.at == EngineTime::min() || now >= told.at + every);
        if (due && lines_ < lines_max) {
            ++lines_;
            log.warning("refused", {{"source", entry.source},
                                    {"reason", to_string(entry.note.reason)},
                                    {"count", entry.count - told.count},
                                    {"field", entry.note.field},
                                    {"got", entry.note.got},
                                    {"want", entry.note.want}});
            told = {entry.count, now};
        } else if (due) {
            ++untold_;
        }
        still.emplace(key, told);
    }
    told_ = std::move(still);
}

}  // namespace surged
