package dispatcher

import "bowecho/internal/event"

// madeFrom gives all that an order depends on, as the inputs of the decision to make it, and how far what it takes may be
// off what is predicted.
func madeFrom(o *event.Order, sigmaSeconds float64) map[string]any {
	inputs := map[string]any{
		"from": o.Inputs, "worker": o.Worker, "predictedSeconds": o.PredictedSeconds, "sigmaSeconds": sigmaSeconds, "retries": o.Retries, "priority": o.Priority,
	}
	if o.Features.Inputs > 0 {
		inputs["features"] = o.Features
	}
	if len(o.Missing) > 0 {
		inputs["missing"] = o.Missing
	}
	if len(o.Parameters) > 0 {
		inputs["parameters"] = o.Parameters
	}
	if !o.Deadline.IsZero() {
		inputs["deadline"] = o.Deadline
	}
	return inputs
}
