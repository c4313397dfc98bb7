package org.iommusim.sim.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.iommusim.sim.explore.Exploration.Stop;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {
    private static final Supplier<Subject> SAFE = () -> new ToyProtocol(5, 0);
    private static final Bounds BOUNDS = Bounds.unlimited();

    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void name() {
        file = directory.resolve("search.checkpoint");
    }

    private StatefulSearch engine(int workers) {
        return StatefulSearch.onAllCores().withWorkers(workers).withTry(0).withCheckpoint(file, "toy");
    }

    /**
     * Cancels a search when it has asked so often: any worker asks after so many transitions, so how far the search gets
     * does not depend on which one is how fast. It does not cancel the count of schedules behind it.
     */
    private static ExploreProgress cancelAfter(int questions) {
        AtomicInteger left = new AtomicInteger(questions);
        return new ExploreProgress() {
            @Override
            public void update(String level, long schedules, long states, double fraction) {
                if (level.equals(ScheduleCount.LEVEL)) {
                    left.set(Integer.MAX_VALUE);
                }
            }

            @Override
            public boolean cancelled() {
                return left.decrementAndGet() <= 0;
            }
        };
    }

    private static Exploration uninterrupted(Supplier<Subject> subject, Bounds bounds) {
        return StatefulSearch.onAllCores().withWorkers(1).explore(subject, bounds, ExploreProgress.NONE);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void shouldGoOnWhereItWasCancelledAndGiveTheSameResult(int workers) {
        int interruptions = 0;
        while (true) {
            Exploration result = engine(workers).explore(SAFE, BOUNDS, cancelAfter(100));
            if (result.stop() == Stop.COMPLETE) {
                assertThat(result).isEqualTo(uninterrupted(SAFE, BOUNDS));
                break;
            }
            assertThat(result.stop()).isEqualTo(Stop.CANCELLED);
            assertThat(result.exhaustive()).isFalse();
            assertThat(result.reason()).startsWith("it was cancelled while searching");
            assertThat(file).exists();
            interruptions++;
        }
        assertThat(interruptions).isGreaterThan(2);
        assertThat(file).doesNotExist();
    }

    /** Whatever stops it, no transition is lost. There is one level, so that no later one makes up for it. */
    @Test
    void shouldGoOnWhereThereIsOneWayOnly() {
        int length = 50_000;
        Supplier<Subject> chain = () -> new Chain(length);
        Bounds oneLevel = BOUNDS.withPreemptions(0);
        assertThat(engine(1).explore(chain, oneLevel, cancelAfter(30)).stop()).isEqualTo(Stop.CANCELLED);
        assertThat(engine(1)
                        .explore(chain, oneLevel.withMaxBytes(1 << 20), ExploreProgress.NONE)
                        .stop())
                .isEqualTo(Stop.MEMORY);
        Exploration result = engine(1).explore(chain, oneLevel, ExploreProgress.NONE);
        assertThat(result.states()).isEqualTo(length + 1);
        assertThat(result.exhaustive()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void shouldFindTheSameLeastCounterexampleAfterInterruptions(int workers) {
        Supplier<Subject> subject = () -> new PingPong(8);
        Exploration expected = uninterrupted(subject, BOUNDS);
        Exploration result = engine(workers).explore(subject, BOUNDS, cancelAfter(1));
        for (int questions = 2; result.stop() == Stop.CANCELLED; questions++) {
            result = engine(workers).explore(subject, BOUNDS, cancelAfter(questions));
        }
        assertThat(result).isEqualTo(expected);
    }

    /** A listener that wants a checkpoint every so often; the search goes on by itself. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void shouldSaveWheneverTheListenerWantsItAndGoOn(int workers) {
        AtomicInteger questions = new AtomicInteger();
        AtomicInteger saves = new AtomicInteger();
        ExploreProgress progress = new ExploreProgress() {
            @Override
            public void update(String level, long schedules, long states, double fraction) {
                assertThat(level).isNotEmpty();
            }

            @Override
            public boolean wantsCheckpoint() {
                return questions.incrementAndGet() >= 50;
            }

            @Override
            public void saved() {
                assertThat(file).exists();
                questions.set(0);
                saves.incrementAndGet();
            }
        };
        assertThat(engine(workers).explore(SAFE, BOUNDS, progress)).isEqualTo(uninterrupted(SAFE, BOUNDS));
        assertThat(saves.get()).isGreaterThan(2);
        assertThat(file).doesNotExist();
    }

    @Test
    void shouldGoOnWithMoreMemoryWhereItRanOutOfIt() {
        Exploration result = engine(2).explore(SAFE, BOUNDS.withMaxBytes(1 << 19), ExploreProgress.NONE);
        assertThat(result.stop()).isEqualTo(Stop.MEMORY);
        assertThat(result.exhaustive()).isFalse();
        Exploration whole = engine(2).explore(SAFE, BOUNDS, ExploreProgress.NONE);
        assertThat(whole).isEqualTo(uninterrupted(SAFE, BOUNDS));
    }

    @Test
    void shouldRefuseTheCheckpointOfAnotherSubject() {
        engine(1).explore(SAFE, BOUNDS, cancelAfter(20));
        Supplier<Subject> other = () -> new ToyProtocol(6, 0);
        assertThatThrownBy(() -> engine(1).explore(other, BOUNDS, ExploreProgress.NONE))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith(file + ": is of other subject: toy with lanes [destroyer, user 1,");
        StatefulSearch renamed = engine(1).withCheckpoint(file, "another name");
        assertThatThrownBy(() -> renamed.explore(SAFE, BOUNDS, ExploreProgress.NONE))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("another name");
    }

    @Test
    void shouldRefuseTheCheckpointOfOtherBounds() {
        engine(1).explore(SAFE, BOUNDS, cancelAfter(20));
        assertThatThrownBy(() -> engine(1).explore(SAFE, BOUNDS.withPreemptions(7), ExploreProgress.NONE))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(file + ": is of other bounds: any number of preemptions, at most 100000 transitions, not "
                        + "7 preemptions, at most 100000 transitions");
        assertThatThrownBy(() -> engine(1).withSymmetry(true).explore(SAFE, BOUNDS, ExploreProgress.NONE))
                .isInstanceOf(CheckpointException.class);
    }

    @Test
    void shouldRefuseADamagedFile() throws IOException {
        engine(1).explore(SAFE, BOUNDS, cancelAfter(50));
        byte[] whole = Files.readAllBytes(file);
        assertRefused(Arrays.copyOf(whole, whole.length - 9), "ends too early");
        byte[] flipped = whole.clone();
        flipped[whole.length - 20] ^= 1;
        assertRefused(flipped, "checksum");
        byte[] newer = whole.clone();
        newer[11]++;
        assertRefused(newer, "has version 2, not 1");
        assertRefused("{\"not\": \"a checkpoint\"}".getBytes(StandardCharsets.UTF_8), "is not a checkpoint");
    }

    private void assertRefused(byte[] bytes, String why) throws IOException {
        Files.write(file, bytes);
        assertThatThrownBy(() -> engine(1).explore(SAFE, BOUNDS, ExploreProgress.NONE))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining(why);
    }
}
