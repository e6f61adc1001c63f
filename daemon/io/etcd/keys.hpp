// The keys of one shard in etcd. Everything of a shard stands below one prefix; sequences are 16 hexadecimal digits, so that the order
// of the keys is the order of the log.
//
//   term               who owns the shard; its mod_revision is the fence of everything the owner writes
//   head               how far the log goes; every append and every pulse writes it
//   log/<first seq>    one batch of records, by the sequence of its first; of a large one the last part
//   log/<first>/<part> the parts of a large batch before its last, numbered from 0
//   snap               which state snapshots there are, the newest first
//   snap/<seq>/<part>  their bytes
//   host/<name>        each host that follows
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace surged::etcd {

class Keys {
public:
    /// `cluster` and `shard` as configured: names without '/'.
    Keys(std::string_view cluster, std::string_view shard);

    const std::string& prefix() const { return prefix_; }
    std::string term() const { return prefix_ + "term"; }
    std::string head() const { return prefix_ + "head"; }
    std::string log(std::uint64_t first) const;
    std::string log_part(std::uint64_t first, std::size_t part) const;
    /// Behind every key of the log.
    std::string log_end() const { return prefix_ + "log0"; }  // '0' follows '/'
    std::string snap() const { return prefix_ + "snap"; }
    std::string snap_part(std::uint64_t seq, std::size_t part) const;
    std::string snap_parts() const { return prefix_ + "snap/"; }
    std::string snap_parts_end() const { return prefix_ + "snap0"; }
    std::string host(std::string_view name) const;
    std::string hosts() const { return prefix_ + "host/"; }
    std::string hosts_end() const { return prefix_ + "host0"; }

    /// The first sequence that a key of the log names; nullopt = no such key. `part` is -1 for a batch's last part.
    struct LogKey {
        std::uint64_t first = 0;
        int part = -1;
    };
    std::optional<LogKey> log_key(std::string_view key) const;

private:
    std::string prefix_;
};

}  // namespace surged::etcd
