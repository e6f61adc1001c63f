// What was decided becomes durable, piece by piece, and each piece is let go when it is.
#include <utility>

#include "app/cluster.hpp"
#include "app/loop.hpp"
#include "core/base/ranges.hpp"
#include "core/paging/text_parts.hpp"
#include "wire/record_json.hpp"

namespace surged {
namespace {

/// A storm decides megabytes at once. Cut to this, its first pages leave while the last ones are still being written.
constexpr std::size_t piece_bytes = std::size_t{256} << 10U;

/// The order's text, labelled as one that may have been sent before.
std::string repeat_text(const SendOrder& order, const Plan& plan) {
    const auto* channel = find_by_id(plan.channels, order.channel);
    return order.repeat ? order.text : wording::as_repeat(order.text, order.language, channel == nullptr ? 0 : channel->text_limit);
}

/// The incident a record belongs to, for its timeline; empty = none.
std::string incident_of(const Record& record) {
    return std::visit(
        [](const auto& body) -> std::string {
            if constexpr (requires { body.incident; }) {
                return body.incident;
            } else {
                return {};
            }
        },
        record.body);
}

/// The page of an attempt that begins; null = the record is none. One that travels in another's message is told right behind that one.
const PageChange* attempt_of(const Record& record) {
    const auto* page = std::get_if<PageChange>(&record.body);
    return page != nullptr && page->state == PageState::sending ? page : nullptr;
}

}  // namespace

/// Hands what was decided to the store.
void Loop::settle() {
    hear();
    if (!parts_.engine.decided() && replies_.empty() && said_.empty()) {
        return;
    }
    parts_.engine.take(decisions_);
    parts_.pulse.decided(parts_.engine.sequence());
    const std::size_t bytes = append_pieces();
    // The journal reads while the disk writes: nobody waits for a line of it.
    bool page_soon = false;
    for (const Record& record : decisions_.records) {
        const auto* edge = std::get_if<AlertEdge>(&record.body);
        page_soon = page_soon || (edge != nullptr && edge->to == AlertState::pending);
        tell(record);
        help_.note(record);
        if (const auto* note = std::get_if<SystemNote>(&record.body); note != nullptr && note->what == "policy_unreadable") {
            policy_unreadable_ = record.wall;
        }
    }
    if (page_soon) {
        parts_.courier.soon();  // its hold is time enough for ways out that a server closed
    }
    parts_.snapshots.follow(std::move(decisions_.records), bytes);
    decisions_.clear();
}

/// What follows the commit runs on the store's thread: first the network, then the callers who wait, then the readers.
void Loop::append(Piece piece) {
    auto ready = piece.batch->orders.size() <= Courier::ready_max ? piece.batch->orders : std::vector<SendOrder>{};
    // An undurable batch is let go all the same: a failing disk never stops paging. Only answers are not confirmed.
    parts_.store.append(std::move(piece.records), [batch = std::move(piece.batch), &courier = parts_.courier, &inbox = parts_.inbox](bool durable) {
        for (std::size_t i = 0; i < batch->orders.size(); ++i) {
            SendOrder& order = batch->orders[i];
            if (!durable && i < batch->repeats.size()) {
                order.repeat = true;
                order.text = std::move(batch->repeats[i]);
            }
        }
        if (!batch->orders.empty()) {
            courier.submit(std::exchange(batch->orders, {}));
        }
        for (Batch::Reply& reply : batch->replies) {
            reply.promise.set_value(durable ? std::optional(reply.reply) : std::nullopt);
        }
        for (Batch::Said& said : batch->said) {
            if (auto& order = durable ? said.durable : said.unsure) {
                courier.submit(std::move(*order));
            }
        }
        inbox.push([batch](Loop& loop) { loop.publish(*batch); });
    });
    if (!ready.empty()) {
        parts_.courier.make_ready(std::move(ready));
    }
}

/// A page leaves with the piece that says it is being sent; who waits for an answer waits for all of them. The store writes the first piece
/// while the next is put together. Returns the bytes of all.
std::size_t Loop::append_pieces() {
    std::size_t bytes = 0;
    Piece piece;
    auto order = decisions_.orders.begin();
    for (const Record& record : decisions_.records) {
        const PageChange* attempt = attempt_of(record);
        const bool rides = attempt != nullptr && !attempt->carrier.empty();
        if (piece.bytes >= piece_bytes && !rides) {
            append(std::exchange(piece, Piece{}));
        }
        std::string json = encode(record);
        std::string type = record_type(record);
        piece.bytes += json.size();
        bytes += json.size();
        piece.batch->events.push_back({record.seq, topic_of(record), type, json});
        piece.records.push_back({record.seq, to_ms(record.wall), std::move(type), incident_of(record), std::move(json)});
        if (attempt != nullptr && order != decisions_.orders.end() && order->page == attempt->page && order->attempt == attempt->attempt) {
            add(std::move(*order++), piece);
        }
    }
    while (order != decisions_.orders.end()) {
        add(std::move(*order++), piece);
    }
    piece.batch->replies = std::exchange(replies_, {});
    piece.batch->said = std::exchange(said_, {});
    append(std::move(piece));
    return bytes;
}

void Loop::add(SendOrder order, Piece& piece) {
    const Plan& plan = parts_.engine.plan();
    parts_.links.add(order, plan);
    parts_.links.add_code(order, plan);
    const bool by_last_message = order.arrived == arrived_.at;
    if (parts_.cluster != nullptr) {
        piece.batch->repeats.push_back(repeat_text(order, plan));
    }
    pages_.started(order, by_last_message ? arrived_steady_ : std::chrono::steady_clock::now() - (now().at - order.arrived));
    piece.batch->orders.push_back(std::move(order));
}

}  // namespace surged
