package nomad

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"bowecho/internal/release"

	"github.com/hashicorp/nomad/api"
)

// job gives the id of a chain's job: several clouds may lie in one region, and several chains in each.
func (f *Fleet) job(chain string) string { return f.prefix + chain }

// register makes Nomad know the job of a chain as the template has it. Workers that an earlier dispatcher left go on.
func (f *Fleet) register(ctx context.Context, chain string) error {
	job, err := f.parse(ctx, chain)
	if err != nil {
		return fmt.Errorf("template %s of chain %s: %w", f.cfg.Job, chain, err)
	}
	if _, _, err := f.client.Jobs().RegisterOpts(job, &api.RegisterOptions{PreserveCounts: true}, f.writing(ctx)); err != nil {
		return fmt.Errorf("register job %s: %w", *job.ID, err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.group[chain] = *job.TaskGroups[0].Name
	return nil
}

// parse has the server read the template, and puts the job where the config says.
func (f *Fleet) parse(ctx context.Context, chain string) (*api.Job, error) {
	var job api.Job
	request := &api.JobsParseRequest{JobHCL: f.template, Variables: f.variables(chain), Canonicalize: true}
	if _, err := f.client.Raw().Write("/v1/jobs/parse", request, &job, f.writing(ctx)); err != nil {
		return nil, err
	}
	if len(job.TaskGroups) != 1 {
		return nil, fmt.Errorf("it has %d groups, want one, that of the workers", len(job.TaskGroups))
	}
	if job.Type == nil || *job.Type != api.JobTypeService {
		return nil, fmt.Errorf("its type is not %q; others cannot be scaled and given back", api.JobTypeService)
	}
	id, none := f.job(chain), 0
	job.ID, job.Name, job.TaskGroups[0].Count = &id, &id, &none
	// Two scalings in a row would otherwise wait for each other's deployment.
	job.Update, job.TaskGroups[0].Update = &api.UpdateStrategy{MaxParallel: &none}, &api.UpdateStrategy{MaxParallel: &none}
	job.Datacenters = []string{"*"}
	if len(f.cfg.Datacenters) > 0 {
		job.Datacenters = f.cfg.Datacenters
	}
	job.Region, job.Namespace, job.NodePool = said(f.cfg.Region), said(f.cfg.Namespace), said(f.cfg.NodePool)
	return &job, nil
}

// said gives what is written in the config; where nothing is, Nomad has its default.
func said(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// Size is what a chain's workers need; zero leaves it to the template.
type Size struct{ CPUMHz, MemoryMB int }

// declared finds the variables that a template declares.
var declared = regexp.MustCompile(`(?m)^\s*variable\s+"([^"]+)"`)

// checkVariables refuses what the template does not declare, which Nomad would pass over.
func (f *Fleet) checkVariables() error {
	var known []string
	for _, found := range declared.FindAllStringSubmatch(f.template, -1) {
		known = append(known, found[1])
	}
	for _, name := range slices.Sorted(maps.Keys(f.cfg.Variables)) {
		if !slices.Contains(known, name) {
			return fmt.Errorf("nomad.variables has %s, which template %s does not declare; it has %s", name, f.cfg.Job, strings.Join(known, ", "))
		}
	}
	for _, chain := range slices.Sorted(maps.Keys(f.sizes)) {
		if size := f.sizes[chain]; size.CPUMHz > 0 && !slices.Contains(known, "cpu") || size.MemoryMB > 0 && !slices.Contains(known, "memory") {
			return fmt.Errorf("chain %s has resources, but template %s does not declare variables cpu and memory", chain, f.cfg.Job)
		}
	}
	return nil
}

// variables gives the content of a file of variables, as HCL. A chain with a size of its own has it instead of the cloud's.
func (f *Fleet) variables(chain string) string {
	values := maps.Clone(f.cfg.Variables)
	if values == nil {
		values = map[string]string{}
	}
	values["job"], values["chain"], values["nats_url"], values["release"] = f.job(chain), chain, f.cfg.NATS, release.Version
	if size := f.sizes[chain]; size.CPUMHz > 0 {
		values["cpu"] = strconv.Itoa(size.CPUMHz)
	}
	if size := f.sizes[chain]; size.MemoryMB > 0 {
		values["memory"] = strconv.Itoa(size.MemoryMB)
	}
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(values)) {
		fmt.Fprintf(&text, "%s = %s\n", name, quoted(values[name]))
	}
	return text.String()
}

// quoted writes a text as HCL reads it, with nothing in it replaced.
func quoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "${", "$${", "%{", "%%{").Replace(text) + `"`
}
