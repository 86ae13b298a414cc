// Makes the files beside it: cc make.c $(pkg-config --cflags --libs hdf5) -o make && ./make
#include <hdf5.h>
#include <string.h>

enum { rays = 12, gates = 8 };

static void text(hid_t at, const char *name, const char *value) {
	hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
	H5Tset_size(type, strlen(value) + 1);
	hid_t a = H5Acreate2(at, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
	H5Awrite(a, type, value);
	H5Aclose(a);
}

static void variable_text(hid_t at, const char *name, const char *value) {
	hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
	H5Tset_size(type, H5T_VARIABLE);
	hid_t a = H5Acreate2(at, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
	H5Awrite(a, type, &value);
	H5Aclose(a);
}

static void numbers(hid_t at, const char *name, hsize_t count, const double *values) {
	hid_t space = H5Screate_simple(1, &count, NULL);
	hid_t a = H5Acreate2(at, name, H5T_IEEE_F64BE, space, H5P_DEFAULT, H5P_DEFAULT);
	H5Awrite(a, H5T_NATIVE_DOUBLE, values);
	H5Aclose(a);
}

static void number(hid_t at, const char *name, double value) { numbers(at, name, 1, &value); }

static hid_t group(hid_t at, const char *name) { return H5Gcreate2(at, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT); }

static hid_t root(const char *file, const char *version, const char *object) {
	hid_t f = H5Fcreate(file, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
	text(f, "Conventions", version);
	hid_t what = group(f, "what"), where = group(f, "where"), how = group(f, "how");
	text(what, "object", object);
	text(what, "source", "WMO:00000,RAD:SE50,PLC:\xc4ngelholm,CMT:made up");
	variable_text(what, "date", "20260501");
	variable_text(what, "time", "180000");
	number(where, "lat", 56.5);
	number(where, "lon", 12.75);
	number(where, "height", 209);
	number(how, "beamwidth", 0.9);
	number(how, "NI", 24);
	return f;
}

static hid_t sweep(hid_t f, const char *name, double elangle, double rstart) {
	hid_t d = group(f, name), what = group(d, "what"), where = group(d, "where");
	text(what, "startdate", "20260501");
	text(what, "starttime", elangle < 1 ? "180010" : "175950");
	text(what, "enddate", "20260501");
	text(what, "endtime", elangle < 1 ? "180030" : "180010");
	number(where, "elangle", elangle);
	number(where, "rstart", rstart);
	number(where, "rscale", 500);
	number(where, "nrays", rays);
	number(where, "nbins", gates);
	number(where, "a1gate", 5);
	return d;
}

// moment writes raw values ray + gate, of which 0 is undetect and 15 nodata.
static void moment(hid_t d, const char *name, const char *quantity, double gain, double offset) {
	hid_t g = group(d, name), what = group(g, "what");
	text(what, "quantity", quantity);
	number(what, "gain", gain);
	number(what, "offset", offset);
	number(what, "nodata", 15);
	number(what, "undetect", 0);
	unsigned char raw[rays * gates];
	for (int i = 0; i < rays * gates; i++) raw[i] = i / gates + i % gates;
	hsize_t shape[] = {rays, gates};
	hid_t how = H5Pcreate(H5P_DATASET_CREATE);
	H5Pset_chunk(how, 2, shape);
	H5Pset_deflate(how, 6);
	hid_t data = H5Dcreate2(g, "data", H5T_STD_U8LE, H5Screate_simple(2, shape, NULL), H5P_DEFAULT, how, H5P_DEFAULT);
	H5Dwrite(data, H5T_NATIVE_UCHAR, H5S_ALL, H5S_ALL, H5P_DEFAULT, raw);
	text(data, "CLASS", "IMAGE");
}

int main(void) {
	hid_t f = root("pvol.h5", "ODIM_H5/V2_2", "PVOL");
	for (int i = 10; i >= 1; i -= 9) { // dataset10, the higher one, is written first and comes second
		hid_t d = sweep(f, i == 1 ? "dataset1" : "dataset10", i == 1 ? 0.5 : 10, 1.5);
		moment(d, "data1", "TH", 0.5, -32);
		moment(d, "data2", "DBZH", 0.5, -32);
		moment(d, "data3", "VRAD", 1, -8);
		if (i != 1) continue;
		hid_t how = group(d, "how");
		double from[rays], to[rays];
		for (int r = 0; r < rays; r++) from[r] = (r * 30 + 355) % 360, to[r] = r * 30 + 15;
		numbers(how, "startazA", rays, from);
		numbers(how, "stopazA", rays, to);
	}
	H5Fclose(f);

	f = root("scan_v24.h5", "ODIM_H5/V2_4", "SCAN"); // from 2.4 on rstart is in metres
	moment(sweep(f, "dataset1", 0.5, 1500), "data1", "DBZH", 0.5, -32);
	H5Fclose(f);

	f = root("comp.h5", "ODIM_H5/V2_2", "COMP");
	H5Fclose(f);

	f = root("loops.h5", "ODIM_H5/V2_2", "PVOL"); // every group also holds the root and itself
	hid_t d = sweep(f, "dataset1", 0.5, 0);
	moment(d, "data1", "DBZH", 0.5, -32);
	H5Lcreate_hard(f, "/", f, "dataset2", H5P_DEFAULT, H5P_DEFAULT);
	H5Lcreate_hard(f, "/", d, "dataset1", H5P_DEFAULT, H5P_DEFAULT);
	H5Lcreate_hard(f, "/dataset1", d, "data2", H5P_DEFAULT, H5P_DEFAULT);
	H5Lcreate_soft("/dataset3", f, "dataset3", H5P_DEFAULT, H5P_DEFAULT);
	H5Fclose(f);

	f = root("huge.h5", "ODIM_H5/V2_2", "SCAN"); // claims 4e9 values, and has none
	d = sweep(f, "dataset1", 0.5, 0);
	hid_t g = group(d, "data1");
	text(group(g, "what"), "quantity", "DBZH");
	hsize_t shape[] = {63246, 63246}, chunk[] = {64, 64};
	hid_t how = H5Pcreate(H5P_DATASET_CREATE);
	H5Pset_chunk(how, 2, chunk);
	H5Dcreate2(g, "data", H5T_STD_U8LE, H5Screate_simple(2, shape, NULL), H5P_DEFAULT, how, H5P_DEFAULT);
	H5Fclose(f);
	return 0;
}
