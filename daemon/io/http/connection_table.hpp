// The listener's open connections and how many there may be: in all, by address and by kind of peer. At a bound the oldest that is
// not being served makes room. The listener's thread alone.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string>

#include "io/http/connection.hpp"

namespace surged {

class ConnectionTable {
public:
    using List = std::list<std::shared_ptr<HttpConnection>>;

    /// `most` in all, `each` by address.
    void limit(std::size_t most, std::size_t each);
    /// The peer of a socket, as a stranger, loopback, or one who showed a token lately.
    Peer peer_of(const boost::asio::ip::tcp::socket& socket) const;
    void remember(const Peer& peer);

    /// Room for one more of this peer; false: nobody can be dropped for them.
    bool make_room_for(const Peer& peer);
    /// Drops the oldest that is not being served; one that showed a token only when there is no other.
    bool drop_oldest();
    void add(std::shared_ptr<HttpConnection> connection);
    void forget(const HttpConnection& connection);
    List all() const { return list_; }

    // Answers in memory that nobody has read yet.
    void hold(std::size_t bytes, const HttpConnection& reader);
    void let_go(std::size_t bytes) { unsent_ -= bytes; }
    void hold(const std::shared_ptr<const std::string>& text, const HttpConnection& reader);
    void let_go(const std::shared_ptr<const std::string>& text);

    std::size_t open() const { return open_.load(); }           ///< from any thread
    std::uint64_t dropped() const { return dropped_.load(); }  ///< those that made room; from any thread
    void count_dropped() { ++dropped_; }

private:
    template <typename Wanted>
    bool make_room(const Wanted& wanted);
    void bound_unsent(const HttpConnection& reader);

    std::size_t most_ = 4096;
    std::size_t each_ = 2048;
    List list_;  ///< oldest first
    std::map<std::string, std::size_t> by_address_;
    std::array<std::size_t, 3> by_kind_{};
    std::map<std::string, HttpConnection::Clock::time_point> known_;  ///< addresses that showed a token lately
    std::size_t unsent_ = 0;
    std::map<const std::string*, std::size_t> shared_;  ///< texts that several read, and how many do
    std::atomic<std::uint64_t> open_{0};
    std::atomic<std::uint64_t> dropped_{0};
};

}  // namespace surged
