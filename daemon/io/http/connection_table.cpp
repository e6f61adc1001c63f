#include "io/http/connection_table.hpp"

#include <algorithm>

namespace surged {

namespace {

using boost::asio::ip::tcp;

constexpr std::chrono::minutes known_for{10};
constexpr std::size_t known_max = 1024;
constexpr std::size_t unsent_max = 256UL * 1024 * 1024;

}  // namespace

void ConnectionTable::limit(std::size_t most, std::size_t each) {
    most_ = most;
    each_ = each;
}

Peer ConnectionTable::peer_of(const tcp::socket& socket) const {
    namespace ip = boost::asio::ip;
    boost::system::error_code error;
    ip::address address = socket.remote_endpoint(error).address();
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        address = ip::make_address_v4(ip::v4_mapped, address.to_v6());
    }
    Peer out;
    out.text = error ? std::string() : address.to_string();
    out.kind = address.is_loopback() ? PeerKind::loopback : PeerKind::stranger;
    if (address.is_v6()) {
        const auto bytes = address.to_v6().to_bytes();
        out.address.assign(bytes.begin(), bytes.begin() + 8);
    } else {
        const auto bytes = address.to_v4().to_bytes();
        out.address.assign(bytes.begin(), bytes.end());
    }
    const auto found = known_.find(out.address);
    if (out.kind == PeerKind::stranger && found != known_.end() && HttpConnection::Clock::now() - found->second < known_for) {
        out.kind = PeerKind::known;
    }
    return out;
}

void ConnectionTable::remember(const Peer& peer) {
    if (known_.size() >= known_max && known_.count(peer.address) == 0) {
        known_.erase(std::ranges::min_element(known_, [](const auto& a, const auto& b) { return a.second < b.second; }));
    }
    known_[peer.address] = HttpConnection::Clock::now();
}

template <typename Wanted>
bool ConnectionTable::make_room(const Wanted& wanted) {
    for (const bool also_known : {false, true}) {
        for (const auto& connection : list_) {
            if (connection->expendable() && (also_known || !connection->showed_token()) && wanted(*connection)) {
                ++dropped_;
                const auto victim = connection;
                victim->close();
                return true;
            }
        }
    }
    return false;
}

bool ConnectionTable::drop_oldest() {
    return make_room([](const HttpConnection&) { return true; });
}

bool ConnectionTable::make_room_for(const Peer& peer) {
    bool room = true;
    const auto at = by_address_.find(peer.address);
    if (at != by_address_.end() && at->second >= each_) {
        room = make_room([&peer](const HttpConnection& other) { return other.peer().address == peer.address; });
    }
    if (room && by_kind_[static_cast<std::size_t>(peer.kind)] >= std::max<std::size_t>(1, most_ / 4 * 3)) {
        room = make_room([&peer](const HttpConnection& other) { return other.peer().kind == peer.kind; });
    }
    if (room && list_.size() >= most_) {
        room = drop_oldest();
    }
    return room;
}

void ConnectionTable::add(std::shared_ptr<HttpConnection> connection) {
    ++by_address_[connection->peer().address];
    ++by_kind_[static_cast<std::size_t>(connection->peer().kind)];
    list_.push_back(std::move(connection));
    open_ = list_.size();
    list_.back()->place = std::prev(list_.end());
}

void ConnectionTable::forget(const HttpConnection& connection) {
    const Peer& peer = connection.peer();
    if (const auto found = by_address_.find(peer.address); found != by_address_.end() && --found->second == 0) {
        by_address_.erase(found);
    }
    --by_kind_[static_cast<std::size_t>(peer.kind)];
    list_.erase(connection.place);
    open_ = list_.size();
}

void ConnectionTable::bound_unsent(const HttpConnection& reader) {
    if (unsent_ > unsent_max) {
        make_room([&reader](const HttpConnection& other) {
            return &other != &reader && other.state() == HttpConnection::State::writing;
        });
    }
}

void ConnectionTable::hold(std::size_t bytes, const HttpConnection& reader) {
    unsent_ += bytes;
    bound_unsent(reader);
}

void ConnectionTable::hold(const std::shared_ptr<const std::string>& text, const HttpConnection& reader) {
    if (++shared_[text.get()] == 1) {
        unsent_ += text->size();
    }
    bound_unsent(reader);
}

void ConnectionTable::let_go(const std::shared_ptr<const std::string>& text) {
    const auto found = shared_.find(text.get());
    if (found != shared_.end() && --found->second == 0) {
        unsent_ -= text->size();
        shared_.erase(found);
    }
}

}  // namespace surged
