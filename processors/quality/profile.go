package quality

// Profile is what one radar's data can be held to.
type Profile struct {
	MinSNRDB        float64 // gates with less are noise
	FirstGates      int     // so many gates next to the radar are never usable
	BadFlag         float32 // the radar's own mark of second-trip echo and clutter; 0: it has none
	MissingIsNoEcho bool    // a missing value within a ray means that the radar looked and saw nothing
	SpeckleGates    int     // an echo with fewer valid neighbours of 14 (two gates and a ray around) is speckle
	Band            Band    // unknown: what the file's format says
	Blockage        []Blockage
}

// usual is for radars that have shown no oddity. CASA's files know one kind of missing value, and write it where there
// was too little echo to measure; sectors that were not looked at have no rays at all.
var usual = Profile{MinSNRDB: 3, MissingIsNoEcho: true, SpeckleGates: 5}

// profiles is what is known of CASA's radars. Cleburne and Denton fill SNR with 1: a blanket filter of SNR would
// silently delete all that they see (their SNR counts as absent because it is constant, see measured).
var profiles = map[string]Profile{
	"cleburne.tx":   usual.with(func(p *Profile) { p.FirstGates = 50 }),
	"denton.tx":     usual.with(func(p *Profile) { p.BadFlag = 4 }),
	"arlington.tx":  usual.with(func(p *Profile) { p.MinSNRDB = 5 }),
	"midlothian.tx": usual.with(func(p *Profile) { p.MinSNRDB = 5 }),
	"ftworth.tx":    usual.with(func(p *Profile) { p.MinSNRDB = 5 }),
	"mesquite.tx":   usual.with(func(p *Profile) { p.MinSNRDB = 5 }),
}

func (p Profile) with(change func(*Profile)) Profile {
	change(&p)
	return p
}

// ProfileFor gives what a radar is held to.
func ProfileFor(radarName string) Profile {
	if p, known := profiles[radarName]; known {
		return p
	}
	return usual
}
