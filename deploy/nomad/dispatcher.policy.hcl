# What the dispatcher's ACL token may do: nomad acl policy apply bowecho dispatcher.policy.hcl
namespace "default" {
  capabilities = ["list-jobs", "read-job", "submit-job", "scale-job"]
}
