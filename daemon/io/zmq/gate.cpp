#include "io/zmq/gate.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <mutex>
#include <thread>

#include "core/base/check.hpp"
#include "core/base/encoding.hpp"
#include "io/zmq/endpoint.hpp"
#include "io/zmq/gate_connection.hpp"
#include "io/zmq/socket.hpp"
#include "os/memory.hpp"

namespace surged {

namespace {

constexpr std::size_t gate_buffer = std::size_t{64} << 10U;
constexpr int tick_ms = 50;           // deadlines and memory are looked at this often
constexpr std::int64_t stuck_ms = 1000;   // held back this long while nothing whole was left to take: somebody does not end a message
constexpr std::int64_t silent_ms = 1000;  // a peer that was silent for this long makes room for another
constexpr std::int64_t trim_every_ms = 5000;
constexpr std::size_t trim_after = 64;  // connections closed

// What an event is about: a listener, or one side of a connection.
constexpr std::uint64_t inner_side = 1ULL << 62U;
constexpr std::uint64_t listener_tag = 1ULL << 63U;
constexpr std::uint64_t wake_tag = listener_tag | 0xFFFFFFFF;

std::int64_t steady_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string random_word() {
    std::array<unsigned char, 16> bytes{};
    SURGED_CHECK(::getrandom(bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));  // so few always come
    return to_hex(bytes);
}

/// Connects to a socket of libzmq's in the abstract namespace. None: it does not take us now.
Fd connect_inner(const std::string& name) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + 1, name.data(), std::min(name.size(), sizeof address.sun_path - 1));
    Fd inner(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    if (inner && ::connect(inner.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0) {
        inner.reset();
    }
    return inner;
}

}  // namespace

Result<void> guard_inner(ZmqSocket& socket) {
    return socket.set(ZMQ_IPC_FILTER_PID, ::getpid());
}

struct Gate::Parts {
    explicit Parts(const GateSettings& given) : settings(given) {}
    ~Parts();

    void run();
    void accept_from(std::size_t listener);
    void let_in(Fd peer, std::size_t listener);
    bool make_room();
    void handle(std::uint32_t slot, bool inner, std::uint32_t events);
    void watch(std::uint32_t slot);
    void count(GateConnection& connection);
    void close(std::uint32_t slot);
    void refuse(Refusal reason, const std::string& who, const std::string& detail = {});
    void tick();
    void look_at_memory();
    std::uint64_t waiting() const {
        const auto out = taken.load(std::memory_order_relaxed);
        return passed > out ? passed - out : 0;
    }

    GateSettings settings;
    std::vector<Fd> listeners;
    std::vector<std::string> endpoints;
    std::vector<std::string> names;  // of the inner endpoints
    Fd epoll;
    Fd wake;
    Fd spare;  // given up for a moment when descriptors have run out, to turn a peer away
    std::vector<std::unique_ptr<GateConnection>> slots;
    std::vector<std::uint32_t> generations;
    std::vector<std::uint32_t> free;
    std::string buffer = std::string(gate_buffer, '\0');
    bool held = false;
    std::int64_t held_since = 0;
    std::uint64_t drained_then = 0;
    std::uint64_t passed = 0;  // bytes of frames passed on
    std::size_t closed = 0;    // since memory was given back
    std::int64_t trimmed = 0;
    std::atomic<std::uint64_t> taken{0};
    std::atomic<std::uint64_t> drained{0};
    std::atomic<std::size_t> count_now{0};
    std::atomic<bool> stopping{false};
    std::mutex mutex;
    std::atomic<bool> any_refused{false};
    Refused refused;
    std::thread thread;
};

Gate::Parts::~Parts() {
    if (thread.joinable()) {
        stopping = true;
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto written = ::write(wake.get(), &one, sizeof one);
        thread.join();
    }
    slots.clear();
    listeners.clear();
    for (const std::string& endpoint : endpoints) {
        remove_ipc_file(endpoint);
    }
}

Result<std::unique_ptr<Gate>> Gate::open(const GateSettings& settings) {
    auto parts = std::make_unique<Parts>(settings);
    for (const std::string& endpoint : settings.listen) {
        auto listening = listen_guarded(endpoint, settings.authenticated);
        if (!listening) {
            return tl::unexpected(listening.error());
        }
        parts->listeners.push_back(std::move(listening->socket));
        parts->endpoints.push_back(std::move(listening->endpoint));
        parts->names.push_back("surged-" + random_word());
    }
    parts->epoll.reset(::epoll_create1(EPOLL_CLOEXEC));
    parts->wake.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    parts->spare.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!parts->epoll || !parts->wake) {
        return fail("gate: " + std::string(std::strerror(errno)));
    }
    return std::unique_ptr<Gate>(new Gate(std::move(parts)));
}

Gate::Gate(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Gate::~Gate() = default;

const std::vector<std::string>& Gate::endpoints() const {
    return parts_->endpoints;
}
std::string Gate::inner(std::size_t i) const {
    return "ipc://@" + parts_->names[i];
}
void Gate::taken(std::size_t bytes) {
    parts_->taken.fetch_add(bytes, std::memory_order_relaxed);
}
void Gate::drained() {
    parts_->drained.fetch_add(1, std::memory_order_relaxed);
}
std::size_t Gate::connections() const {
    return parts_->count_now.load(std::memory_order_relaxed);
}
Gate::Refused Gate::take_refused() {
    if (!parts_->any_refused.load(std::memory_order_relaxed)) {
        return {};
    }
    const std::lock_guard lock(parts_->mutex);
    parts_->any_refused = false;
    return std::exchange(parts_->refused, Refused{});
}

void Gate::start() {
    if (parts_->listeners.empty()) {
        return;
    }
    for (std::size_t i = 0; i < parts_->listeners.size(); ++i) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u64 = listener_tag | i;
        ::epoll_ctl(parts_->epoll.get(), EPOLL_CTL_ADD, parts_->listeners[i].get(), &event);
    }
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = wake_tag;
    ::epoll_ctl(parts_->epoll.get(), EPOLL_CTL_ADD, parts_->wake.get(), &event);
    parts_->thread = std::thread([parts = parts_.get()] { parts->run(); });
}

void Gate::Parts::run() {
    std::array<epoll_event, 64> events{};
    std::int64_t next_tick = 0;
    while (!stopping) {
        const int timeout = count_now.load(std::memory_order_relaxed) > 0 || closed > 0 ? tick_ms : -1;
        const int found = ::epoll_wait(epoll.get(), events.data(), static_cast<int>(events.size()), timeout);
        for (int i = 0; i < found; ++i) {
            const auto& event = events[static_cast<std::size_t>(i)];
            const std::uint64_t tag = event.data.u64;
            if (tag == wake_tag) {
                return;
            }
            if ((tag & listener_tag) != 0) {
                accept_from(tag & ~listener_tag);
                continue;
            }
            const auto slot = static_cast<std::uint32_t>(tag & 0xFFFFFFFFU);
            const auto generation = static_cast<std::uint32_t>(tag >> 32U & 0x3FFFFFFFU);
            if (slots[slot] && (generations[slot] & 0x3FFFFFFFU) == generation) {
                handle(slot, (tag & inner_side) != 0, event.events);
            }
        }
        if (const auto now = steady_ms(); now >= next_tick) {
            next_tick = now + tick_ms;
            tick();
        } else if (settings.memory != 0 && !held && waiting() >= settings.memory) {
            look_at_memory();
        }
    }
}

void Gate::Parts::refuse(Refusal reason, const std::string& who, const std::string& detail) {
    const std::lock_guard lock(mutex);
    ++refused.counts[static_cast<std::size_t>(reason)];
    refused.example = std::string(to_string(reason)) + " from " + who + (detail.empty() ? "" : ": " + detail);
    any_refused = true;
}

void Gate::Parts::accept_from(std::size_t listener) {
    constexpr int at_once = 64;
    for (int i = 0; i < at_once; ++i) {
        Fd peer(::accept4(listeners[listener].get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (peer) {
            let_in(std::move(peer), listener);
            continue;
        }
        if (errno == EINTR || errno == ECONNABORTED) {
            continue;
        }
        if ((errno == EMFILE || errno == ENFILE) && spare) {
            // Turned away at once: left where it is, the listener would be readable for ever.
            spare.reset();
            Fd(::accept4(listeners[listener].get(), nullptr, nullptr, SOCK_CLOEXEC)).reset();
            spare.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
            refuse(Refusal::connection_limit, "a peer: no descriptor is left");
            continue;
        }
        return;
    }
}

void Gate::Parts::let_in(Fd peer, std::size_t listener) {
    const bool room = count_now.load(std::memory_order_relaxed) < settings.connections || make_room();
    auto connection = std::make_unique<GateConnection>(std::move(peer), room ? connect_inner(names[listener]) : Fd(),
                                                       settings.bounds, steady_ms());
    if (connection->inner() < 0) {
        refuse(Refusal::connection_limit, connection->peer());
        return;
    }
    if (free.empty()) {
        free.push_back(static_cast<std::uint32_t>(slots.size()));
        slots.emplace_back();
        generations.push_back(0);
    }
    const std::uint32_t slot = free.back();
    free.pop_back();
    ++generations[slot];
    slots[slot] = std::move(connection);
    watch(slot);
    count_now.fetch_add(1, std::memory_order_relaxed);
}

/// A connection that has said nothing since it came gives its place to another: idle ones cannot shut feeders out.
bool Gate::Parts::make_room() {
    const auto now = steady_ms();
    std::uint32_t oldest = 0;
    const GateConnection* found = nullptr;
    for (std::uint32_t slot = 0; slot < slots.size(); ++slot) {
        const GateConnection* one = slots[slot].get();
        if (one != nullptr && one->walker().frames() == 0 && one->walker().unfinished() == 0 && now - one->began_ms() >= silent_ms &&
            (found == nullptr || one->began_ms() < found->began_ms())) {
            oldest = slot;
            found = one;
        }
    }
    if (found == nullptr) {
        return false;
    }
    refuse(Refusal::connection_limit, found->peer() + ", which said nothing");
    close(oldest);
    return true;
}

void Gate::Parts::handle(std::uint32_t slot, bool inner, std::uint32_t events) {
    GateConnection& connection = *slots[slot];
    auto end = GateConnection::End::none;
    const bool gone = (events & (EPOLLERR | EPOLLHUP)) != 0;
    if (inner) {
        end = (events & EPOLLOUT) != 0 ? connection.inward(buffer) : end;
        if (end == GateConnection::End::none && (events & EPOLLIN) != 0) {
            end = connection.outward(buffer);
        }
        // libzmq has closed: nobody is left to speak to.
        end = gone && (events & EPOLLIN) == 0 ? GateConnection::End::closed : end;
    } else {
        end = (events & EPOLLOUT) != 0 ? connection.outward(buffer) : end;
        if (end == GateConnection::End::none && ((events & EPOLLIN) != 0 || gone)) {
            end = connection.inward(buffer);
        }
    }
    count(connection);
    if (end != GateConnection::End::none) {
        if (const auto reason = connection.reason()) {
            refuse(*reason, connection.peer(), connection.detail());
        }
        close(slot);
        return;
    }
    watch(slot);
}

void Gate::Parts::count(GateConnection& connection) {
    const auto bytes = connection.walker().frame_bytes();
    passed += bytes - connection.counted;
    connection.counted = bytes;
}

void Gate::Parts::watch(std::uint32_t slot) {
    GateConnection& connection = *slots[slot];
    const auto wanted = connection.interest(held);
    const std::uint64_t tag = std::uint64_t{generations[slot] & 0x3FFFFFFFU} << 32U | slot;
    // A connection that waits for nothing is taken out: epoll would report its end again and again.
    const auto tell = [this](int fd, std::uint32_t before, std::uint32_t after, std::uint64_t about) {
        if (before == after || fd < 0) {
            return;
        }
        epoll_event event{};
        event.events = after;
        event.data.u64 = about;
        ::epoll_ctl(epoll.get(), after == 0 ? EPOLL_CTL_DEL : before == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event);
    };
    tell(connection.outer(), connection.watched.outer, wanted.outer, tag);
    tell(connection.inner(), connection.watched.inner, wanted.inner, tag | inner_side);
    connection.watched = wanted;
}

void Gate::Parts::close(std::uint32_t slot) {
    // Frames of a message that will never end are dropped by libzmq: nobody takes them.
    const auto lost = slots[slot]->walker().finished_parts();
    passed -= std::min<std::uint64_t>(lost, passed);
    slots[slot].reset();  // closing takes both out of epoll
    free.push_back(slot);
    count_now.fetch_sub(1, std::memory_order_relaxed);
    ++closed;
}

void Gate::Parts::tick() {
    const auto now = steady_ms();
    for (std::uint32_t slot = 0; slot < slots.size(); ++slot) {
        if (slots[slot] && !slots[slot]->walker().open() && now - slots[slot]->began_ms() > settings.handshake.count()) {
            refuse(Refusal::handshake_timeout, slots[slot]->peer());
            close(slot);
        }
    }
    if (settings.memory != 0) {
        look_at_memory();
    }
    if (closed > 0 && now - trimmed >= trim_every_ms) {
        // libzmq's memory of connections goes back to the allocator, which would keep it.
        if (closed >= trim_after) {
            give_memory_back();
        }
        closed = 0;
        trimmed = now;
    }
}

/// Everybody is held back while too much waits. When nothing whole is left to take and it does not become less, it is in messages
/// that peers do not end: the one that holds most is cut off.
void Gate::Parts::look_at_memory() {
    const auto now = steady_ms();
    std::uint64_t unfinished = 0;
    for (const auto& one : slots) {
        unfinished += one ? one->walker().unfinished() - one->walker().finished_parts() : 0;
    }
    const bool too_much = waiting() + unfinished >= settings.memory;
    const auto empties = drained.load(std::memory_order_relaxed);
    if (too_much && held && now - held_since >= stuck_ms && empties > drained_then + 1) {
        const auto weight = [](const std::unique_ptr<GateConnection>& one) {
            return one ? std::pair(one->walker().unfinished(), one->counted) : std::pair(std::size_t{0}, std::uint64_t{0});
        };
        const auto most = std::max_element(slots.begin(), slots.end(),
                                           [&](const auto& a, const auto& b) { return weight(a) < weight(b); });
        if (most != slots.end() && *most) {
            refuse(Refusal::memory_limit, (*most)->peer());
            close(static_cast<std::uint32_t>(most - slots.begin()));
            closed += trim_after;
        }
        // What cannot be told from outside (the frames of a message are hidden by CURVE) is forgotten with it.
        passed = settings.bounds.curve ? taken.load(std::memory_order_relaxed) : passed;
        held_since = now;
        drained_then = empties;
    }
    if (too_much != held) {
        held = too_much;
        held_since = now;
        drained_then = empties;
        for (std::uint32_t slot = 0; slot < slots.size(); ++slot) {
            if (slots[slot]) {
                watch(slot);
            }
        }
    }
}

}  // namespace surged
