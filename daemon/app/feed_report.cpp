#include "app/feed_report.hpp"

#include "wire/json_fields.hpp"

namespace surged {

std::string feed_report_json(const RefusalBook::Entry& entry, std::uint64_t more, Stamp now) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    JsonFields fields(json, now);
    fields("ts", now.wall), fields("more", more);
    entry.fields(fields);
    json.end_object();
    return out;
}

void FeedReport::turn(const RefusalBook& book, Stamp now, const Publish& publish) {
    if (now.at < next_ || book.generation() == generation_) {
        return;
    }
    next_ = now.at + every;
    generation_ = book.generation();
    std::map<std::pair<std::string, Refusal>, Told> still;
    for (const auto& entry : book.entries()) {
        std::pair key(entry.source, entry.note.reason);
        const auto known = told_.find(key);
        // One that began anew was dropped from the book in between.
        const std::uint64_t told = known == told_.end() || known->second.first != entry.first ? 0 : known->second.count;
        if (entry.count > told) {
            publish("feed." + entry.source, feed_report_json(entry, entry.count - told, now));
        }
        still.emplace(std::move(key), Told{entry.count, entry.first});
    }
    told_ = std::move(still);
}

}  // namespace surged
