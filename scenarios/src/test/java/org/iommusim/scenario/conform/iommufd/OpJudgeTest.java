package org.iommusim.scenario.conform.iommufd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.iommusim.hw.driver.Errno;
import org.iommusim.scenario.conform.Mismatch;
import org.junit.jupiter.api.Test;

class OpJudgeTest {
    private final Symbols symbols = new Symbols();
    private final OpJudge judge = new OpJudge(symbols);

    private List<String> judge(String op, Answer answer) {
        return judge.judge(4, Vectors.op(op), answer).stream()
                .map(Mismatch::text)
                .toList();
    }

    private static Answer answer(String field, long value) {
        Answer answer = new Answer(0);
        answer.numbers().put(field, value);
        return answer;
    }

    @Test
    void shouldCompareErrnosFirst() {
        String op = "{'op':'IOAS_ALLOC','in':{},'out':{'out_ioas_id':'$a'},'errno':0,'ids':{'$a':1}}";
        assertThat(judge(op, new Answer(Errno.ENOMEM)))
                .containsExactly("step 4 IOAS_ALLOC: errno: expected 0, actual -ENOMEM");
        assertThat(symbols.bound("$a")).isFalse();
        assertThat(judge("{'op':'DESTROY','in':{},'errno':'-EBUSY'}", new Answer(0)))
                .containsExactly("step 4 DESTROY: errno: expected -EBUSY, actual 0");
    }

    @Test
    void shouldBindNewSymbolsAndCompareOldOnes() {
        String op = "{'op':'IOAS_ALLOC','in':{},'out':{'out_ioas_id':'$a'},'errno':0,'ids':{'$a':3}}";
        assertThat(judge(op, answer("out_ioas_id", 3))).isEmpty();
        assertThat(symbols.value("$a")).isEqualTo(3);
        assertThat(judge("{'op':'VFIO_IOAS','in':{},'out':{'ioas_id':'$a'},'errno':0}", answer("ioas_id", 4)))
                .containsExactly("step 4 VFIO_IOAS: ioas_id: expected 0x3, actual 0x4");
    }

    @Test
    void shouldCompareIdsWithTheNumbersThatTheKernelChose() {
        String op = "{'op':'IOAS_ALLOC','in':{},'out':{'out_ioas_id':'$a'},'errno':0,'ids':{'$a':3}}";
        assertThat(judge(op, answer("out_ioas_id", 5)))
                .containsExactly("step 4 IOAS_ALLOC: ids $a: expected 3, actual 5");
    }

    @Test
    void shouldNoticeThatAnIdIsUsedAgain() {
        String op = "{'op':'IOAS_ALLOC','in':{},'out':{'out_ioas_id':'$%s'},'errno':0,'ids':{'$%s':3}%s}";
        assertThat(judge(op.formatted("a", "a", ""), answer("out_ioas_id", 3))).isEmpty();
        assertThat(judge(op.formatted("b", "b", ",'id_reused':true"), answer("out_ioas_id", 3)))
                .isEmpty();
        assertThat(judge(op.formatted("c", "c", ""), answer("out_ioas_id", 3)))
                .containsExactly("step 4 IOAS_ALLOC: id_reused: expected false, actual true");
    }

    /** Two mock devices may share the HWPT of their IOAS. */
    @Test
    void shouldNotTakeASharedHwptForAnIdThatIsUsedAgain() {
        String op = "{'op':'TEST_MOCK_DOMAIN','in':{},'out':{'out_stdev_id':'$s%d','out_hwpt_id':'$h%d',"
                + "'out_idev_id':'$d%d'},'errno':0,'ids':{'$s%d':%d,'$h%d':4,'$d%d':%d}}";
        for (int i = 0; i < 2; i++) {
            Answer answer = answer("out_stdev_id", 5 + 2 * i);
            answer.numbers().putAll(Map.of("out_hwpt_id", 4L, "out_idev_id", 6L + 2 * i));
            assertThat(judge(op.formatted(i, i, i, i, 5 + 2 * i, i, i, 6 + 2 * i), answer))
                    .isEmpty();
        }
    }

    @Test
    void shouldNotPassWhatItDoesNotKnow() {
        assertThat(judge("{'op':'VFIO_IOMMU_GET_INFO','in':{},'out':{'chain':[1]},'errno':0}", new Answer(0)))
                .containsExactly(
                        "step 4 VFIO_IOMMU_GET_INFO: chain: expected an array, actual nothing: no model knows this output");
    }

    @Test
    void shouldCompareWhatACallReturns() {
        assertThat(judge("{'op':'VFIO_CHECK_EXTENSION','in':{},'errno':0}", new Answer(1)))
                .containsExactly("step 4 VFIO_CHECK_EXTENSION: ret: expected 0, actual 0x1");
        assertThat(judge("{'op':'VFIO_CHECK_EXTENSION','in':{},'out':{'ret':1},'errno':0}", new Answer(1)))
                .isEmpty();
    }

    @Test
    void shouldCompareRecordsFieldByField() {
        String op =
                "{'op':'X_READ','in':{},'out':{'n':12,'vevents':[{'flags':[],'sequence':1,'virt_id':'0x9'}]},'errno':0}";
        Answer answer = answer("n", 12);
        answer.records().put("vevents", List.of(Map.of("flags", 0L, "sequence", 1L, "virt_id", 8L)));
        assertThat(judge(op, answer))
                .containsExactly("step 4 X_READ: vevents: expected "
                        + "[{flags=0x0 sequence=0x1 virt_id=0x9}], actual [{flags=0x0 sequence=0x1 virt_id=0x8}]");
        answer.records().put("vevents", List.of());
        assertThat(judge(op, answer)).hasSize(1);
    }

    @Test
    void shouldBindAValueTwice() {
        String op = "{'op':'IOAS_MAP','in':{},'out':{'iova':'0x1000'},'bind':{'iova':'$i'},'errno':0}";
        assertThat(judge(op, answer("iova", 0x1000))).isEmpty();
        assertThat(symbols.value("$i")).isEqualTo(0x1000);
    }
}
