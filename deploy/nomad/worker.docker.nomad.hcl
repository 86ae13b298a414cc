# Workers of one chain in containers.
# Its name, place in Nomad and count are set by the dispatcher.

variable "job" { type = string }      # given by the dispatcher, as are
variable "chain" { type = string }    # these
variable "nats_url" { type = string } # these, and
variable "release" { type = string }  # the dispatcher's own, which its workers must be of

variable "image" {
  type    = string
  default = "bowecho" # as `make image` makes it, and pushed to where it can be pulled; its tag is the release
}

variable "cpu" {
  type    = number
  default = 1000 # MHz: about a third of a core of today
}

variable "memory" {
  type    = number
  default = 768 # MB; a nowcast of 1121 x 1121 cells takes about 400
}

job "worker" {
  type = "service"

  group "workers" {
    restart {
      attempts = 3
      interval = "1m"
      delay    = "2s"
      mode     = "fail" # and then elsewhere
    }
    reschedule {
      delay          = "5s"
      delay_function = "exponential"
      max_delay      = "2m"
      unlimited      = true
    }

    task "work" {
      driver = "docker"
      config {
        image        = "${var.image}:${var.release}"
        network_mode = "host" # or one in which the NATS server can be reached
        force_pull   = false
        args         = ["work", "--chain", var.chain, "--lease", "${var.job}/${NOMAD_ALLOC_ID}", "--quiet"]
      }
      env {
        BOWECHO_NATS_URL = var.nats_url
      }
      kill_signal  = "SIGTERM" # the order in hand is finished first
      kill_timeout = "30s"
      resources {
        cpu    = var.cpu
        memory = var.memory
      }
      logs {
        max_files     = 2
        max_file_size = 5
      }
    }
  }
}
