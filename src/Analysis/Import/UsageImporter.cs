using System.Diagnostics;
using Throughline.Analysis.Import.Formats;
using Throughline.Analysis.Import.Parquet;
using Throughline.Analysis.Import.Rows;
using Throughline.Analysis.Import.Shapes;
using Throughline.Analysis.Import.Sources;

namespace Throughline.Analysis.Import;

/// <summary>Reads usage data of any known format into a Parquet file in the normal form of <see cref="UsageSchema"/>.</summary>
/// <remarks>
/// The format is told by content, never by name. The file is streamed twice at most: its first rows to recognise it, then all of it.
/// One thread parses, another writes; memory does not grow with the file. Safe to use from several threads.
/// </remarks>
public sealed class UsageImporter(ImportLimits? limits = null)
{
    private readonly ImportLimits _limits = limits ?? new ImportLimits();

    /// <param name="sourcePath">The uploaded bytes.</param>
    /// <param name="fileName">The name its owner gave it; used in answers only.</param>
    /// <param name="parquetPath">Where the result goes; its folder exists. Nothing is left there unless the outcome is <see cref="Imported"/>.</param>
    /// <param name="progress">Told every few thousand rows, from the parsing thread.</param>
    /// <param name="cancellationToken">Stops within one batch of rows and removes what was written.</param>
    public async Task<ImportOutcome> ImportAsync(
        string sourcePath, string fileName, string parquetPath, IProgress<ImportProgress>? progress, CancellationToken cancellationToken)
    {
        var partPath = Path.GetFullPath(parquetPath) + ".part";
        try
        {
            var outcome = await Task.Factory.StartNew(
                () => Import(sourcePath, partPath, fileName, progress, cancellationToken),
                cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            if (outcome is Imported)
            {
                File.Move(partPath, parquetPath, overwrite: true);
            }

            return outcome;
        }
        catch (ImportRefusedException refusal)
        {
            return Refuse(refusal.Code, fileName, refusal.Message);
        }
        catch (InvalidDataException)
        {
            return Refuse("damaged_file", fileName, "Its gzip data is damaged or cut off. Upload it again, or uncompressed.");
        }
        finally
        {
            File.Delete(partPath);
        }
    }

    private ImportOutcome Import(string sourcePath, string partPath, string fileName, IProgress<ImportProgress>? progress, CancellationToken cancellationToken)
    {
        using var unpacked = UnpackedParquet.From(sourcePath, partPath, _limits);
        sourcePath = unpacked?.Path ?? sourcePath;
        var shape = ShapeDetection.Detect(sourcePath, fileName, Path.GetDirectoryName(partPath)!, _limits);
        var format = UsageFormats.Recognise(shape.Names)
            ?? throw new ImportRefusedException("no_usable_columns", Wording.NoUsableColumns(shape.Names));
        using var source = SourceFile.Open(sourcePath, _limits);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var clock = Stopwatch.StartNew();
        using var sink = new RowSink(new RowReader(format.Counting), new Refusals(_limits.RefusalsKept), (rows, refused) =>
        {
            Guard(partPath, clock);
            progress?.Report(new ImportProgress(source.BytesRead, source.BytesTotal, rows, refused));
        }, stop.Token);
        var columns = new SourceColumns(format);

        Write(partPath, stop, sink, () => shape.Read(source.Text, columns, sink));
        cancellationToken.ThrowIfCancellationRequested();
        progress?.Report(new ImportProgress(source.BytesTotal, source.BytesTotal, sink.Rows, sink.Refusals.Count));
        return sink.Rows == 0
            ? Refuse("no_usable_rows", fileName, Wording.NoUsableRows(sink.Refusals.ToContract()))
            : new Imported(format.Name, sink.Rows, columns.ToContract(), sink.Refusals.ToContract());
    }

    /// <summary>Parses on one more thread while this one writes. What ends one side ends the other.</summary>
    private void Write(string partPath, CancellationTokenSource stop, RowSink sink, Action parse)
    {
        Exception? parseError = null;
        var parser = new Thread(() =>
        {
            try
            {
                parse();
                sink.Complete();
            }
            catch (Exception error) // rethrown below, on the importing thread: here it would end the process
            {
                parseError = error;
                stop.Cancel();
            }
        })
        { IsBackground = true, Name = "usage-parser" };
        parser.Start();
        try
        {
            UsageParquet.Write(sink.Take(), partPath, _limits.EngineMemoryMb);
        }
        catch (Exception) when (parseError is not null)
        {
            // The reading side failed first; its error is the cause.
        }
        finally
        {
            stop.Cancel();
            parser.Join();
        }

        if (parseError is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(parseError);
        }
    }

    private void Guard(string partPath, Stopwatch clock)
    {
        if (clock.Elapsed > _limits.Duration)
        {
            throw new ImportRefusedException("import_too_slow",
                $"Reading it took more than {_limits.Duration.TotalMinutes:0} minutes. Split it and drop the parts.");
        }

        var part = new FileInfo(partPath);
        if (part.Exists && part.Length > _limits.ParquetBytes)
        {
            throw new ImportRefusedException("file_too_large",
                $"Its rows take more than {_limits.ParquetBytes >> 20} MiB. Split it and drop the parts.");
        }
    }

    private static Refused Refuse(string code, string fileName, string detail) => new(code, $"{fileName} was not read.", detail);
}
