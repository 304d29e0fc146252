#!/usr/bin/env python3
"""Aligns jobs (JSON lines) with Spark: every partition goes through one `hexapla batch - --to jsonl`.

    spark_job.py JOBS.jsonl RESULTS [--hexapla hexapla] [--master 'local[2]'] [--partitions 8] [--options '--encoder none']

RESULTS becomes a folder of part files, as Spark writes them; read in the order of their names, they hold a line a job,
in the order of the jobs. Needs pyspark and a Java that it knows.
"""

import argparse
import shlex

from pyspark.sql import SparkSession


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("jobs")
    parser.add_argument("results")
    parser.add_argument("--hexapla", default="hexapla", help="the program, on every worker")
    parser.add_argument("--master", default="local[2]")
    parser.add_argument("--partitions", type=int, default=8)
    parser.add_argument("--options", default="", help="more options for hexapla batch")
    args = parser.parse_args()
    # One thread a partition: Spark runs as many partitions at a time as it has cores.
    command = [args.hexapla, "batch", "-", "--to", "jsonl", "--jobs", "1", "--quiet", *shlex.split(args.options)]
    spark = SparkSession.builder.master(args.master).appName("hexapla").getOrCreate()
    try:
        jobs = spark.sparkContext.textFile(args.jobs, minPartitions=args.partitions)
        # checkCode: a partition whose program ends with another status than 0 fails, and Spark tries it again.
        jobs.pipe(shlex.join(command), checkCode=True).saveAsTextFile(args.results)
    finally:
        spark.stop()


if __name__ == "__main__":
    main()
