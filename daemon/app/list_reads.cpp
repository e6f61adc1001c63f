#include "app/list_reads.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <limits>

#include "io/http/render.hpp"

namespace surged {
namespace {

constexpr std::size_t list_step = 16;  ///< between two looks at the clock
constexpr int attempts = 3;                 ///< a reload in between makes a list begin anew

tl::unexpected<ApiError> not_in_time() {
    return tl::unexpected<ApiError>(ApiError{"unavailable", "the engine did not answer in time; try again"});
}

tl::unexpected<ApiError> torn() {
    return tl::unexpected<ApiError>(ApiError{"unavailable", "the configuration is being reloaded; try again"});
}

/// Where a part of a list of queues or alerts ends. Queues have numbers until a restart or a reload.
struct Place {
    std::int64_t started = 0;
    std::uint64_t reloads = 0;
    std::uint32_t queue = 0;
    std::uint32_t bound = 0;

    std::string text() const {
        return std::to_string(started) + "-" + std::to_string(reloads) + "-" + std::to_string(queue) + "-" + std::to_string(bound);
    }
    bool same_numbers(const Place& other) const { return started == other.started && reloads == other.reloads; }
};

template <typename T>
bool take_number(std::string_view& text, T& out) {
    const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
    if (read.ec != std::errc{}) {
        return false;
    }
    text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
    return true;
}

bool take_dash(std::string_view& text) {
    if (text.empty() || text.front() != '-') {
        return false;
    }
    text.remove_prefix(1);
    return true;
}

std::optional<Place> place_from(std::string_view text) {
    Place out;
    const bool read = take_number(text, out.started) && take_dash(text) && take_number(text, out.reloads) && take_dash(text) &&
                      take_number(text, out.queue) && take_dash(text) && take_number(text, out.bound) && text.empty();
    return read ? std::optional(out) : std::nullopt;
}

/// What is asked of the engine before the first piece of a list.
struct Beginning {
    Stamp now;
    Place place;  ///< of the first entry
    std::vector<RuleTexts> rules;
    std::optional<AlertView> own;
};

Beginning beginning_of(const Loop& loop, bool alerts) {
    Beginning out;
    out.now = loop.now();
    out.place.started = to_ms(loop.started());
    out.place.reloads = loop.engine().reloads();
    if (alerts) {
        out.rules = loop.engine().rule_texts();
        out.own = loop.engine().own_alert();
    }
    return out;
}

/// Sets where `begin` begins by what the reader was told; an error when that is no place of this list any more.
std::optional<ApiError> go_on_from(const std::string& next, Beginning& begin) {
    if (next.empty()) {
        return std::nullopt;
    }
    const auto place = place_from(next);
    if (!place) {
        return ApiError{"bad_request", "next is none that this list gave"};
    }
    if (!place->same_numbers(begin.place)) {
        return ApiError{"gone", "the list was laid out anew since (a restart or a reload); begin again without next"};
    }
    begin.place = *place;
    return std::nullopt;
}

std::size_t size_of(const AlertPiece& piece) {
    return piece.rows.size();
}
std::size_t size_of(const SeriesView& piece) {
    return piece.queues.size();
}
std::size_t size_of(const std::vector<BaselineOf>& piece) {
    return piece.size();
}

std::string place_text(const IncidentPlace& place) {
    return (place.open ? "o" : "e") + std::to_string(to_ms(place.at)) + "-" + place.id;
}

std::optional<IncidentPlace> incident_place(std::string_view text) {
    IncidentPlace out;
    if (text.empty() || (text.front() != 'o' && text.front() != 'e')) {
        return std::nullopt;
    }
    out.open = text.front() == 'o';
    text.remove_prefix(1);
    std::int64_t ms = 0;
    if (!take_number(text, ms) || !take_dash(text) || text.empty()) {
        return std::nullopt;
    }
    out.at = engine_time(ms);
    out.id = text;
    return out;
}

void append(SeriesView& to, SeriesView&& piece) {
    const auto first = static_cast<std::uint32_t>(to.values.size());
    to.generation = piece.generation;
    to.metrics = std::move(piece.metrics);
    to.counter = std::move(piece.counter);
    to.metric_of.insert(to.metric_of.end(), piece.metric_of.begin(), piece.metric_of.end());
    to.values.insert(to.values.end(), piece.values.begin(), piece.values.end());
    for (QueueView& queue : piece.queues) {
        queue.first += first;
        to.queues.push_back(std::move(queue));
    }
}

}  // namespace

ListReads::ListReads(Inbox<Loop>& inbox, const Pulse& pulse, const QueueDays& days)
    : inbox_(inbox), days_(days), queues_(pulse), alerts_(pulse), all_alerts_(pulse), incidents_(pulse) {}

/// Hands piece after piece to use(piece, numbers), until that says it has enough. `most`: entries wanted at most, 0 = all.
template <typename Piece, typename Take, typename Use>
ListReads::Walk ListReads::walk(PieceCursor cursor, std::size_t most, Take take, Use use, Clock::time_point until) {
    struct Slice {
        PieceCursor cursor;
        Piece piece;
        bool torn = false;
    };
    while (!cursor.done()) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
        auto slice = inbox_.ask(
            [cursor, most, take](Loop& loop) {
                Slice out{cursor, {}, false};
                const auto end = Clock::now() + piece_max;
                do {
                    out.torn = !take(loop.engine(), out.cursor, out.piece);
                } while (!out.torn && !out.cursor.done() && Clock::now() < end && (most == 0 || size_of(out.piece) <= most));
                return out;
            },
            std::max(left, std::chrono::milliseconds{0}));
        if (!slice) {
            return Walk::late;
        }
        cursor = slice->cursor;
        if (slice->torn) {
            return Walk::torn;
        }
        if (!use(std::move(slice->piece), cursor.reloads)) {
            return Walk::whole;
        }
    }
    return Walk::whole;
}

template <typename Use>
ListReads::Walk ListReads::walk_incidents(const std::shared_ptr<const std::vector<IncidentPlace>>& places, std::size_t from, Use use,
                                          Clock::time_point until) {
    struct Slice {
        std::size_t next = 0;
        std::vector<std::pair<std::size_t, IncidentView>> incidents;
    };
    while (from < places->size()) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
        auto slice = inbox_.ask(
            [places, from](Loop& loop) {
                Slice out{from, {}};
                const auto end = Clock::now() + piece_max;
                do {
                    if (auto incident = loop.engine().incident((*places)[out.next].id)) {  // else it was forgotten meanwhile
                        out.incidents.emplace_back(out.next, *std::move(incident));
                    }
                    ++out.next;
                } while (out.next < places->size() && Clock::now() < end);
                return out;
            },
            std::max(left, std::chrono::milliseconds{0}));
        if (!slice) {
            return Walk::late;
        }
        from = slice->next;
        for (auto& [at, incident] : slice->incidents) {
            if (!use(at, std::move(incident))) {
                return Walk::whole;
            }
        }
    }
    return Walk::whole;
}

ApiResult<SharedText> ListReads::answer(SharedReading& whole, const ListQuery& query,
                                        ApiResult<std::string> (ListReads::*make)(const ListQuery&)) {
    tidy();
    if (query.limit == 0) {
        return whole.get([&] { return (this->*make)(query); });
    }
    auto part = (this->*make)(query);
    return part ? ApiResult<SharedText>(std::make_shared<const std::string>(*std::move(part))) : tl::unexpected(part.error());
}

ApiResult<SharedText> ListReads::queues(const ListQuery& query) {
    return answer(queues_, query, &ListReads::make_queues);
}
ApiResult<SharedText> ListReads::alerts(const ListQuery& query) {
    return answer(query.all ? all_alerts_ : alerts_, query, &ListReads::make_alerts);
}
ApiResult<SharedText> ListReads::incidents(const ListQuery& query) {
    return answer(incidents_, query, &ListReads::make_incidents);
}

ApiResult<std::string> ListReads::make_queues(const ListQuery& query) {
    const auto until = Clock::now() + whole_max;
    for (int i = 0; i < attempts; ++i) {
        auto begin = inbox_.ask([](Loop& loop) { return beginning_of(loop, false); }, whole_max);
        if (!begin) {
            return not_in_time();
        }
        if (auto error = go_on_from(query.next, *begin)) {
            return tl::unexpected<ApiError>(*std::move(error));
        }
        ListText text("queues", begin->now);
        Place at = begin->place;
        std::string next;
        bool same = true;
        const auto walked = walk<SeriesView>(
            PieceCursor{at.queue}, query.limit,
            [](const Engine& engine, PieceCursor& cursor, SeriesView& out) { return engine.piece(cursor, list_step, out); },
            [&](SeriesView&& piece, std::uint64_t reloads) {
                same = reloads == at.reloads;
                for (const QueueView& queue : piece.queues) {
                    if (query.limit != 0 && text.entries() == query.limit) {
                        next = at.text();
                        return false;
                    }
                    text.add(piece, queue, days_.day(at.queue, queue.key));
                    ++at.queue;
                }
                return same;
            },
            until);
        if (walked == Walk::late) {
            return not_in_time();
        }
        if (walked == Walk::whole && same) {
            return text.take(next);
        }
    }
    return torn();
}

ApiResult<std::string> ListReads::make_alerts(const ListQuery& query) {
    const auto until = Clock::now() + whole_max;
    for (int i = 0; i < attempts; ++i) {
        auto begin = inbox_.ask([](Loop& loop) { return beginning_of(loop, true); }, whole_max);
        if (!begin) {
            return not_in_time();
        }
        if (auto error = go_on_from(query.next, *begin)) {
            return tl::unexpected<ApiError>(*std::move(error));
        }
        ListText text("alerts", begin->now);
        Place next = begin->place;
        bool more = false;
        bool same = true;
        const auto full = [&] { return query.limit != 0 && text.entries() == query.limit; };
        const auto walked = walk<AlertPiece>(
            PieceCursor{begin->place.queue}, query.limit,
            [all = query.all](const Engine& engine, PieceCursor& cursor, AlertPiece& out) {
                return engine.piece(cursor, list_step, all, out);
            },
            [&](AlertPiece&& piece, std::uint64_t reloads) {
                same = reloads == begin->place.reloads;
                for (const AlertRow& row : piece.rows) {
                    if (!same || (row.queue == begin->place.queue && row.bound < begin->place.bound)) {
                        continue;
                    }
                    if (full()) {
                        more = true;
                        next.queue = row.queue;
                        next.bound = row.bound;
                        return false;
                    }
                    text.add(view_of(piece, row, begin->rules));
                }
                return same;
            },
            until);
        if (walked == Walk::late) {
            return not_in_time();
        }
        if (walked == Walk::torn || !same) {
            continue;
        }
        if (!more && begin->own) {
            if (full()) {
                more = true;
                next.queue = std::numeric_limits<std::uint32_t>::max();  // behind every queue
                next.bound = 0;
            } else {
                text.add(*begin->own);
            }
        }
        return text.take(more ? next.text() : std::string());
    }
    return torn();
}

ApiResult<std::string> ListReads::make_incidents(const ListQuery& query) {
    const auto until = Clock::now() + whole_max;
    auto begin = inbox_.ask(
        [](Loop& loop) {
            return std::pair(loop.now(), std::make_shared<const std::vector<IncidentPlace>>(loop.engine().desk().incident_places()));
        },
        whole_max);
    if (!begin) {
        return not_in_time();
    }
    const auto& places = *begin->second;
    std::size_t from = 0;
    if (!query.next.empty()) {
        const auto last = incident_place(query.next);
        if (!last) {
            return tl::unexpected<ApiError>(ApiError{"bad_request", "next is none that this list gave"});
        }
        from = static_cast<std::size_t>(
            std::upper_bound(places.begin(), places.end(), *last,
                             [](const IncidentPlace& a, const IncidentPlace& b) { return a.before(b); }) -
            places.begin());
    }
    ListText text("incidents", begin->first);
    std::size_t last = from;
    std::string next;
    const auto walked = walk_incidents(
        begin->second, from,
        [&](std::size_t at, IncidentView&& incident) {
            if (query.limit != 0 && text.entries() == query.limit) {
                next = place_text(places[last]);
                return false;
            }
            text.add(incident, days_.trend(incident.incident));
            last = at;
            return true;
        },
        until);
    if (walked == Walk::late) {
        return not_in_time();
    }
    return text.take(next);
}

bool ListReads::each_queue(const QueuePiece& use) {
    return walk<SeriesView>(
               {}, 0, [](const Engine& engine, PieceCursor& cursor, SeriesView& to) { return engine.piece(cursor, list_step, to); },
               [&use](SeriesView&& piece, std::uint64_t) {
                   use(std::move(piece));
                   return true;
               },
               Clock::now() + whole_max) == Walk::whole;
}

bool ListReads::each_alert(const std::function<void(const AlertView&)>& use) {
    const auto begin = inbox_.ask([](Loop& loop) { return beginning_of(loop, true); }, whole_max);
    bool same = begin.has_value();
    const auto walked = !begin ? Walk::late
                               : walk<AlertPiece>(
                                     {}, 0,
                                     [](const Engine& engine, PieceCursor& cursor, AlertPiece& to) { return engine.piece(cursor, list_step, false, to); },
                                     [&](AlertPiece&& piece, std::uint64_t reloads) {
                                         same = reloads == begin->place.reloads;
                                         for (const AlertRow& row : piece.rows) {
                                             if (same) {
                                                 use(view_of(piece, row, begin->rules));
                                             }
                                         }
                                         return same;
                                     },
                                     Clock::now() + whole_max);
    if (walked != Walk::whole || !same) {
        return false;
    }
    if (begin->own) {
        use(*begin->own);
    }
    return true;
}

bool ListReads::each_incident(bool ended, const std::function<void(const IncidentView&)>& use) {
    const auto places = inbox_.ask(
        [ended](Loop& loop) {
            auto all = loop.engine().desk().incident_places();
            if (!ended) {
                std::erase_if(all, [](const IncidentPlace& place) { return !place.open; });
            }
            return std::make_shared<const std::vector<IncidentPlace>>(std::move(all));
        },
        whole_max);
    return places && walk_incidents(
                         *places, 0,
                         [&use](std::size_t, IncidentView&& incident) {
                             use(incident);
                             return true;
                         },
                         Clock::now() + whole_max) == Walk::whole;
}

bool ListReads::fill(MetricsSnapshot& out) {
    tidy();
    const auto until = Clock::now() + whole_max;
    bool whole = walk<SeriesView>(
                     {}, 0,
                     [](const Engine& engine, PieceCursor& cursor, SeriesView& to) { return engine.piece(cursor, list_step, to); },
                     [&out](SeriesView&& piece, std::uint64_t) {
                         append(out.series, std::move(piece));
                         return true;
                     },
                     until) == Walk::whole;
    const auto begin = inbox_.ask([](Loop& loop) { return beginning_of(loop, true); }, whole_max);
    whole = whole && begin &&
            walk<AlertPiece>(
                {}, 0,
                [all = out.stats.bound <= scraped_alerts_max](const Engine& engine, PieceCursor& cursor, AlertPiece& to) {
                    return engine.piece(cursor, list_step, all, to);
                },
                [&](AlertPiece&& piece, std::uint64_t reloads) {
                    for (const AlertRow& row : piece.rows) {
                        if (reloads == begin->place.reloads) {
                            out.alerts.push_back(view_of(piece, row, begin->rules));
                        }
                    }
                    return true;
                },
                until) == Walk::whole;
    if (whole && begin->own) {
        out.alerts.push_back(*begin->own);
    }
    whole = whole &&
            walk<std::vector<BaselineOf>>(
                {}, 0,
                [](const Engine& engine, PieceCursor& cursor, std::vector<BaselineOf>& to) {
                    return engine.piece(cursor, list_step, to);
                },
                [&out](std::vector<BaselineOf>&& piece, std::uint64_t) {
                    std::move(piece.begin(), piece.end(), std::back_inserter(out.baselines));
                    return true;
                },
                until) == Walk::whole;
    const auto places = inbox_.ask(
        [](Loop& loop) { return std::make_shared<const std::vector<IncidentPlace>>(loop.engine().desk().incident_places()); }, whole_max);
    return whole && places &&
           walk_incidents(
               *places, 0,
               [&out](std::size_t, IncidentView&& incident) {
                   out.incidents.push_back(std::move(incident));
                   return true;
               },
               until) == Walk::whole;
}

std::map<std::string, SharedReading::Counts> ListReads::counts() const {
    return {{"queues", queues_.counts()}, {"alerts", alerts_.counts()}, {"all_alerts", all_alerts_.counts()}, {"incidents", incidents_.counts()}};
}

void ListReads::tidy() {
    for (auto* reading : {&queues_, &alerts_, &all_alerts_, &incidents_}) {
        reading->tidy();
    }
}

}  // namespace surged
